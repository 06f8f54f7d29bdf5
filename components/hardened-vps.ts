import type * as pulumi from '@pulumi/pulumi';
import { all, output, secret } from '@pulumi/pulumi/output.js';
import { ComponentResource } from '@pulumi/pulumi/resource.js';
import { describeExposure, exposureOf } from '../posture/exposure.ts';
import { reviewFiles, reviewRules } from '../posture/host-files.ts';
import { singleOptions } from '../posture/knock/engine.ts';
import type { Sequences } from '../posture/knock/sequence.ts';
import { describeRemoval } from '../posture/removal.ts';
import type { ResolvedHost } from '../posture/resolve.ts';
import { servedPorts } from '../posture/served-ports.ts';
import { asksForCode } from '../posture/sshd/second-factor.ts';
import { identityInput } from './identity-input.ts';
import { Hardening, SecondFactor, Sequence, type WayInput } from './resources.ts';
import { sourceOf } from './source.ts';
import { runTasks } from './tasks/run-tasks.ts';

/** A VPS that answers nobody who has not knocked: made or found, hardened, proven from outside, sealed. */
export class HardenedVps extends ComponentResource {
  readonly host: ResolvedHost;
  readonly way: pulumi.Output<WayInput>;
  readonly hardening: Hardening;
  /** Secret. */
  readonly sequences: pulumi.Output<Sequences>;

  constructor(host: ResolvedHost, options?: pulumi.ComponentResourceOptions) {
    super('postern:components:HardenedVps', host.name, {}, options);
    this.host = host;
    const parent = { parent: this };
    this.sequences = secret(sequencesOf(host, parent));
    const { way, vps, requires, sealed } = sourceOf(host, this.sequences, parent);
    this.way = output(way) as pulumi.Output<WayInput>;
    const { posture } = host;
    this.hardening = new Hardening(
      host.name,
      {
        posture,
        way,
        sequences: this.sequences,
        ...secondFactorOf(host, parent),
        rules: reviewRules(posture),
        files: reviewFiles(posture),
        exposure: exposureOf(posture).map(describeExposure),
        removal: describeRemoval(host.target),
        ...identityInput(host),
      },
      {
        ...parent,
        ...(vps === undefined ? {} : { deletedWith: vps }),
        dependsOn: [...(requires ?? [])],
        customTimeouts: { create: '30m', update: '30m' },
      },
    );
    sealed?.(this.hardening);
    // A rejection ends the program with its message: Pulumi watches for unhandled ones.
    void runTasks({ host, way: this.way, hardening: this.hardening, vps }, parent);
    this.registerOutputs();
  }
}

function secondFactorOf(
  { posture, name }: ResolvedHost,
  options: pulumi.CustomResourceOptions,
): { totp?: pulumi.Output<string> } {
  if (!asksForCode(posture)) return {};
  const generation = posture.ssh.secondFactorGeneration ?? 0;
  return { totp: secret(new SecondFactor(name, { host: name, generation }, options).secret) };
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
