import type * as pulumi from '@pulumi/pulumi';
import { output } from '@pulumi/pulumi/output.js';
import { ComponentResource } from '@pulumi/pulumi/resource.js';
import { describeExposure, exposureOf } from '../posture/exposure/exposure.ts';
import { describeRemoval } from '../posture/exposure/removal.ts';
import { reviewFiles, reviewRules } from '../posture/host-files.ts';
import type { Sequences } from '../posture/knock/sequence.ts';
import type { ResolvedHost } from '../posture/resolve.ts';
import { doorSecrets } from './door-secrets.ts';
import { identityInput } from './identity-input.ts';
import { Hardening, type WayInput } from './resources.ts';
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
    const door = doorSecrets(host, parent);
    this.sequences = door.sequences;
    const { way, vps, requires, sealed } = sourceOf(host, door, parent);
    this.way = output(way) as pulumi.Output<WayInput>;
    const { posture } = host;
    this.hardening = new Hardening(
      host.name,
      {
        posture,
        way,
        sequences: this.sequences,
        candidates: door.candidates,
        ...(door.totp === undefined ? {} : { totp: door.totp }),
        ...(door.newHostKeys === undefined ? {} : { newHostKeys: door.newHostKeys }),
        ...(host.acceptHostKeys.length === 0 ? {} : { acceptHostKeys: host.acceptHostKeys }),
        rules: reviewRules(posture),
        files: reviewFiles(posture),
        exposure: exposureOf(posture).map(describeExposure),
        removal: describeRemoval(host.target),
        ...identityInput(host),
      },
      {
        ...parent,
        ...(vps === undefined ? {} : { deletedWith: vps }),
        // With its droplet: the engine learns that one is protected only when it comes to it, and what opens the door would
        // be forgotten by then.
        ...(host.target.type === 'digitalocean' && host.target.protect ? { protect: true } : {}),
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
