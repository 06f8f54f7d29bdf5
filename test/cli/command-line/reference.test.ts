import { expect, it } from 'vitest';
import { reference } from '../../../cli/command-line/reference.ts';
import { everyCommand } from '../../../cli/commands.ts';

it('is what docs/cli.md says', async () => {
  await expect(reference(await everyCommand())).toMatchFileSnapshot('../../../docs/cli.md');
});
