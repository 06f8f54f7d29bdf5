import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sequence } from '../../posture/knock/sequence.ts';

/** What an exported script is for. */
export interface KnockScript {
  /** The host's name. */
  readonly name: string;
  /** IP address or DNS name. */
  readonly address: string;
  readonly sshPort: number;
  /** Secret. */
  readonly sequence: Sequence;
}

/**
 * A POSIX shell script that knocks without Postern. Secret: the sequence stands in it. Every value was checked against an
 * allow-list when it was read, so that none can end its quotes.
 */
export function knockScript({ name, address, sshPort, sequence }: KnockScript): string {
  const body = readFileSync(join(import.meta.dirname, 'knock-script.sh'), 'utf8');
  const knocks = sequence.map(({ port, protocol }) => `${protocol}:${port}`).join(' ');
  const head = [
    '#!/bin/sh',
    `# Knocks at ${name}. Secret: who has this file can open its door. Keep it to yourself (chmod 700), and raise`,
    '# knock.generation when it got lost. First argument, not needed: python3, bash, nc, knock or nmap.',
    `name='${name}' address='${address}' ssh_port=${sshPort} knocks='${knocks}'`,
  ];
  return `${head.join('\n')}\n\n${body}`;
}
