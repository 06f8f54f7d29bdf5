import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PEER_SEQUENCES, PEERS } from '../../bench/contenders/peers.ts';
import { formatSequence } from '../../posture/knock/sequence.ts';

const read = (path: string) => readFileSync(join(PEERS, path), 'utf8');

it('the check of the end state knocks as the peers’ knockd.conf says', () => {
  const sequences = read('files/knockd.conf').match(/(?<=sequence = ).*/g);
  expect(sequences).toEqual([
    formatSequence(PEER_SEQUENCES.open),
    formatSequence(PEER_SEQUENCES.close ?? []),
  ]);
});

describe.each(['script/harden.sh', 'pyinfra/deploy.py', 'ansible/site.yml'])('%s', (peer) => {
  it('brings every file of the end state', () => {
    const text = read(peer);
    expect(readdirSync(join(PEERS, 'files')).filter((file) => !text.includes(file))).toEqual([]);
  });
});
