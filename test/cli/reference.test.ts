import { expect, it } from 'vitest';
import { everyCommand } from '../../cli/commands.ts';
import { reference } from '../../cli/reference.ts';

it('is what docs/cli.md says', async () => {
  await expect(reference(await everyCommand())).toMatchFileSnapshot('../../docs/cli.md');
});
