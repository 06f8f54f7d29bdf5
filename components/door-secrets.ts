import type * as pulumi from '@pulumi/pulumi';
import { all, output, secret } from '@pulumi/pulumi/output.js';
import { wantedText } from '../posture/candidates.ts';
import { singleOptions } from '../posture/knock/engines.ts';
import type { Sequences } from '../posture/knock/sequence.ts';
import type { ResolvedHost } from '../posture/resolve.ts';
import { servedPorts } from '../posture/served-ports.ts';
import { asksForCode } from '../posture/sshd/second-factor.ts';
import { Candidates, HostKeys, type NewHostKeysInput, SecondFactor, Sequence } from './resources.ts';

/** Everything secret that a host is going to ask for, made and recorded before the host hears of it. */
export interface DoorSecrets {
  /** Secret. */
  readonly sequences: pulumi.Output<Sequences>;
  /** Secret; undefined: no code is asked for. */
  readonly totp: pulumi.Output<string> | undefined;
  /** Secret; undefined: the host keeps the keys that it has. */
  readonly newHostKeys: pulumi.Output<NewHostKeysInput> | undefined;
  /** Secret: every way in that may be in force, see {@link Candidates}. */
  readonly candidates: pulumi.Output<string>;
}

/** Makes what a host's door takes, and has it written down. */
export function doorSecrets(host: ResolvedHost, options: pulumi.CustomResourceOptions): DoorSecrets {
  const sequences = secret(sequencesOf(host, options));
  const totp = secondFactorOf(host, options);
  const newHostKeys = newHostKeysOf(host, options);
  const { name, posture, identity } = host;
  const wanted = all([sequences, totp, newHostKeys]).apply(([{ open, close }, code, keys]) =>
    wantedText({
      ...{ port: posture.ssh.port, user: posture.admin.user, open, close, identity },
      totp: code,
      hostKeys: keys?.publicKeys,
    }),
  );
  const { known } = new Candidates(name, { host: name, wanted: secret(wanted) }, options);
  return { sequences, totp, newHostKeys, candidates: secret(known) };
}

function secondFactorOf(
  { posture, name }: ResolvedHost,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> | undefined {
  if (!asksForCode(posture)) return undefined;
  const generation = posture.ssh.secondFactorGeneration ?? 0;
  return secret(new SecondFactor(name, { host: name, generation }, options).secret);
}

/** Those of one generation are a resource of their own: the ones before stay until everything after them went well. */
function newHostKeysOf(
  { posture, name }: ResolvedHost,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<NewHostKeysInput> | undefined {
  const generation = posture.ssh.hostKeyGeneration;
  if (generation === 0) return undefined;
  const { publicKeys, ed25519, rsa } = new HostKeys(`${name}-ssh-${generation}`, { host: name }, options);
  return secret(output({ publicKeys, ed25519, rsa }));
}

/** The user's own sequences, or generated ones. */
function sequencesOf(host: ResolvedHost, options: pulumi.CustomResourceOptions): pulumi.Input<Sequences> {
  const { knock, posture, name } = host;
  if (knock.sequence !== undefined) return knock.sequence;
  const spa = singleOptions(knock);
  const { open, close } = new Sequence(
    name,
    {
      host: name,
      knocks: knock.knocks,
      closing: true,
      generation: knock.generation,
      avoid: servedPorts(posture),
      ...(spa === undefined ? {} : { spa }),
    },
    options,
  );
  return all([open, close]).apply(([opening, closing]) => ({ open: opening, close: closing }));
}
