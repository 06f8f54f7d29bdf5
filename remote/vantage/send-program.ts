import { readFileSync } from 'node:fs';
import type { Program } from '../ssh/program.ts';

/** A program that sends knocks and probes on a jump host, by what it needs there. */
export type Tool = 'bash' | 'python3';

function text(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

/** Asks a jump host what it has and knows; the questions are explained in the program. */
export function jumpHelper(...args: readonly string[]): Program {
  return { script: text('./jump-helper.sh'), args };
}

/** The tool that `jump-helper.sh tool` names; undefined when there is none. */
export function toolNamed(answer: string): Tool | undefined {
  const name = answer.trim();
  return name === 'bash' || name === 'python3' ? name : undefined;
}

/** Sends packets, one for each line; the lines may be secret and travel on standard input. */
export function sendProgram(tool: Tool, lines: readonly string[]): Program {
  const argv = tool === 'bash' ? ['bash', '-c', text('./bash.sh')] : ['python3', '-c', text('./python.py')];
  return { argv, stdin: lines.map((line) => `${line}\n`).join('') };
}
