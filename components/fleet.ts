import type * as pulumi from '@pulumi/pulumi';
import { secret } from '@pulumi/pulumi/output.js';
import { ComponentResource } from '@pulumi/pulumi/resource.js';
import type { ResolvedHost } from '../posture/resolve.ts';
import { HardenedVps } from './hardened-vps.ts';
import { knownOf } from './known.ts';
import { type HostOutput, hostOutput, type KnockOutput, knockOutput, secondFactorOutput } from './outputs.ts';

/** The hosts of a stack, hardened side by side. */
export class Fleet extends ComponentResource {
  /** What `pulumi stack output hosts --json` prints; holds no secret. */
  readonly hosts: pulumi.Output<HostOutput[]>;
  /** What opens each host's door; secret. */
  readonly knock: pulumi.Output<Record<string, KnockOutput>>;

  /** What authenticator apps are enrolled with, by host: secret, and only hosts that ask for a code. */
  readonly secondFactor: pulumi.Output<Record<string, string>>;

  constructor(name: string, hosts: readonly ResolvedHost[], options?: pulumi.ComponentResourceOptions) {
    super('postern:components:Fleet', name, {}, options);
    const vpss = hosts.map((host) => new HardenedVps(host, { parent: this }));
    this.hosts = knownOf(vpss.map(hostOutput));
    this.knock = secret(knownOf(vpss.map(knockOutput)).apply((knocks) => Object.fromEntries(knocks)));
    this.secondFactor = secret(knownOf(vpss.map(secondFactorOutput))).apply((enrolments) =>
      Object.fromEntries(enrolments.flatMap(([host, uri]) => (uri === null ? [] : [[host, uri]]))),
    );
    this.registerOutputs();
  }
}
