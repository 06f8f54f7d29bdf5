import type { Command } from './command.ts';
import { exitMeanings } from './exit.ts';
import { optionUsage, overviewExamples, purpose, usageOf } from './help.ts';

/** The text of docs/cli.md, from the same data as the help. */
export function reference(commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `| [\`${name}\`](#${anchor(name)}) | ${cell(summary)} |`);
  const exits = exitMeanings.map(([code, meaning]) => `| ${code} | ${cell(meaning)} |`);
  return [
    '# The command line',
    '<!-- Made from cli/commands by test/cli/command-line/reference.test.ts: change it there, then `npm run test:unit -- test/cli/command-line/reference.test.ts -u`. -->',
    `${purpose} It reads the outputs of a Pulumi stack; the secret ones never leave its memory.`,
    codeBlock(overviewExamples.map(({ command, purpose: what }) => [command, what])),
    `| command | |\n|---|---|\n${list.join('\n')}`,
    'Where a command needs a stack, it takes the one given with `--stack`, else the selected one (`npx pulumi stack select`, `PULUMI_STACK`), else the only one that fits; otherwise it names the choices. Data goes to standard output, messages to standard error. `npx --no-install postern <command> --help` prints what stands here.',
    '## Exit status',
    `| status | |\n|---|---|\n${exits.join('\n')}`,
    ...commands.flatMap(chapter),
  ]
    .join('\n\n')
    .concat('\n');
}

function chapter(command: Command): string[] {
  const { name, description, arguments: words, rest, options, examples, exitNote } = command;
  const rows = [
    ...[...words, ...(rest === undefined ? [] : [rest])].map((word) => [`<${word.name}>`, word.summary]),
    ...Object.entries(options).map(([option, data]) => [optionUsage(option, data), data.summary]),
  ];
  return [
    `## ${name}`,
    `\`${usageOf(command)}\``,
    ...description,
    ...(rows.length === 0
      ? []
      : [
          `| | |\n|---|---|\n${rows.map(([left = '', right = '']) => `| \`${left}\` | ${cell(right)} |`).join('\n')}`,
        ]),
    codeBlock(examples.map(({ command: line, purpose: what }) => [line, what])),
    ...(exitNote === undefined ? [] : [`Exit status: ${exitNote}`]),
  ];
}

function codeBlock(lines: readonly (readonly [string, string])[]): string {
  const column = Math.max(...lines.map(([line]) => line.length));
  return `\`\`\`sh\n${lines.map(([line, what]) => `${line.padEnd(column)}  # ${what}`).join('\n')}\n\`\`\``;
}

function anchor(name: string): string {
  return name.replaceAll(' ', '-');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
