import { hostStack, type Stack } from '../engine.ts';
import type { Contender, Prepared } from './contender.ts';

/** A run of Postern, whose stack can be used further. */
export interface PreparedPostern extends Prepared {
  readonly stack: Stack;
}

/** `pulumi up --skip-preview` of this project, engine included. The stack itself is made before, once in its life. */
export const postern = {
  name: 'Postern',

  async prepare({ hosts, key, folder }): Promise<PreparedPostern> {
    const stack = await hostStack(folder, hosts, key);
    let knock: ReturnType<Stack['knock']> | undefined;
    return {
      stack,
      commands: [stack.command('up')],
      async sequencesOf({ name }) {
        knock ??= stack.knock();
        const sequences = (await knock)[name];
        if (sequences === undefined) throw new Error(`the stack's output says nothing about ${name}`);
        return sequences;
      },
    };
  },
} satisfies Contender;
