import type { LabVps } from '../../lab/vps.ts';
import type { Sequences } from '../../posture/knock/sequence.ts';
import type { Command } from '../command.ts';
import type { Arena } from '../hosts.ts';

/** A run that is ready to start: everything that an operator has lying about is there. */
export interface Prepared {
  /** To be run side by side; the time until the last has ended is what is measured. */
  readonly commands: readonly Command[];
  /** What opens a host's door afterwards. */
  sequencesOf(host: LabVps): Promise<Sequences>;
}

/** A way to take fresh hosts to the end state. */
export interface Contender {
  readonly name: 'script' | 'pyinfra' | 'Ansible' | 'Postern';
  /** Not measured. */
  prepare(arena: Arena): Promise<Prepared>;
}
