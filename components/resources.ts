import type * as pulumi from '@pulumi/pulumi';
import { CustomResource, mergeOptions } from '@pulumi/pulumi/resource.js';
import type { SingleOptions } from '../posture/knock/engines.ts';
import type { Sequences } from '../posture/knock/sequence.ts';
import type { Identity } from '../posture/schema/identity.ts';
import type { Posture } from '../posture/schema/posture.ts';
import type { SealedOutput } from './sealed-output.ts';

/** Where a host is and how it is entered before its first change: what every target comes down to. */
export interface WayInput {
  readonly address: pulumi.Input<string>;
  readonly addressV6?: pulumi.Input<string> | undefined;
  readonly port: pulumi.Input<number>;
  readonly user: pulumi.Input<string>;
  readonly hostKeys: pulumi.Input<pulumi.Input<string>[]>;
  readonly jump?: { address: string; port: number; user: string; hostKeys: string[] } | undefined;
}

/** Inputs of {@link Hardening}. */
export interface HardeningArgs {
  readonly posture: Posture;
  readonly way: pulumi.Input<WayInput>;
  readonly identity?: pulumi.Input<Identity>;
  readonly jumpIdentity?: pulumi.Input<Identity>;
  readonly sequences: pulumi.Input<Sequences>;
  readonly totp?: pulumi.Input<string>;
  /** Secret: {@link Candidates.known}. */
  readonly candidates: pulumi.Input<string>;
  /** Secret: host keys of the wanted generation, where it is not 0. */
  readonly newHostKeys?: pulumi.Input<NewHostKeysInput>;
  /** Host keys that the operator vouches for by hand. */
  readonly acceptHostKeys?: readonly string[];
  readonly rules: string[];
  readonly files: Record<string, string>;
  readonly exposure: string[];
  /** What becomes of the host when it is removed; the engine shows it with a deletion. */
  readonly removal: string;
}

/** Host keys that a change brings, as {@link HostKeys} made them. */
export interface NewHostKeysInput {
  readonly publicKeys: readonly string[];
  readonly ed25519: string;
  readonly rsa: string;
}

/** A host's whole posture: creating and updating it is a transaction that the host rolls back unless it was proven. */
export class Hardening extends CustomResource {
  /** Where the host was when it was last proven. */
  declare readonly way: pulumi.Output<WayInput>;
  /** The posture that the host was last proven to have. */
  declare readonly posture: pulumi.Output<Posture>;
  /** Undefined: a run with `--target` left out a host that was never sealed. */
  declare readonly sealed: pulumi.Output<SealedOutput | undefined>;
  declare readonly drift: pulumi.Output<string[]>;
  /** Secret: what the codes of the second factor in force are made from, where there is one. */
  declare readonly totp: pulumi.Output<string | undefined>;
  /** Secret: the sequences in force. */
  declare readonly sequences: pulumi.Output<Sequences>;

  constructor(name: string, args: HardeningArgs, options?: pulumi.CustomResourceOptions) {
    super('postern:index:Hardening', name, { ...args, sealed: undefined, drift: undefined }, options);
  }
}

/** Inputs of {@link Sequence}. */
export interface SequenceArgs {
  readonly host: string;
  /** Knocks in each sequence. */
  readonly knocks: number;
  /** Also make a closing sequence. */
  readonly closing: boolean;
  /** Raise to have new ones. */
  readonly generation: number;
  /** Ports that are served and not knocked on. */
  readonly avoid: number[];
  /** Keys for single packets (fwknop) instead; the UDP port, where it is not left to chance. */
  readonly spa?: SingleOptions;
}

/** Secret knock sequences, generated once and kept encrypted in the engine's state. */
export class Sequence extends CustomResource {
  declare readonly open: pulumi.Output<Sequences['open']>;
  declare readonly close: pulumi.Output<Sequences['close']>;

  constructor(name: string, args: SequenceArgs, options?: pulumi.CustomResourceOptions) {
    const secret = { additionalSecretOutputs: ['open', 'close'] };
    super(
      'postern:index:Sequence',
      name,
      { ...args, open: undefined, close: undefined },
      mergeOptions(options, secret),
    );
  }
}

/** Inputs of {@link SecondFactor}. */
export interface SecondFactorArgs {
  readonly host: string;
  /** Raise to have a new one. */
  readonly generation: number;
}

/** The secret that a host and an authenticator app share, generated once and kept encrypted in the engine's state. */
export class SecondFactor extends CustomResource {
  /** Base32; secret. */
  declare readonly secret: pulumi.Output<string>;

  constructor(name: string, args: SecondFactorArgs, options?: pulumi.CustomResourceOptions) {
    const secret = { additionalSecretOutputs: ['secret'] };
    super('postern:index:SecondFactor', name, { ...args, secret: undefined }, mergeOptions(options, secret));
  }
}

/** Inputs of {@link LabVps}. */
export interface LabVpsArgs {
  readonly name: string;
  readonly release: string;
  /** Public keys that may log in as root, as a cloud provider would put them there. */
  readonly authorizedKeys: string[];
}

/** A real VPS on this machine: systemd, sshd and a kernel firewall of its own. Needs Linux and root. */
export class LabVps extends CustomResource {
  declare readonly address: pulumi.Output<string>;
  declare readonly addressV6: pulumi.Output<string>;
  declare readonly port: pulumi.Output<number>;
  declare readonly user: pulumi.Output<string>;
  declare readonly hostKeys: pulumi.Output<string[]>;

  constructor(name: string, args: LabVpsArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      address: undefined,
      addressV6: undefined,
      port: undefined,
      user: undefined,
      hostKeys: undefined,
    };
    super('postern:index:LabVps', name, { ...args, ...outputs }, options);
  }
}

/** Inputs of {@link HostKeys}. */
export interface HostKeysArgs {
  /** Name of the host that the keys are for. */
  readonly host: string;
}

/** Inputs of {@link Candidates}. */
export interface CandidatesArgs {
  readonly host: string;
  /** Secret: the way in that is wanted now, as `wantedText` writes it. */
  readonly wanted: pulumi.Input<string>;
}

/**
 * The ways into a host that changes were to bring into force, newest first, kept encrypted in the engine's state. Whatever
 * tells a host of a new way in depends on it, so that it is written down before.
 */
export class Candidates extends CustomResource {
  /** Secret: what `candidatesOf` reads. */
  declare readonly known: pulumi.Output<string>;

  constructor(name: string, args: CandidatesArgs, options?: pulumi.CustomResourceOptions) {
    const secret = { additionalSecretOutputs: ['known'] };
    super('postern:index:Candidates', name, { ...args, known: undefined }, mergeOptions(options, secret));
  }
}

/** Host keys that are made before a host has them, and kept in the engine's state, the private ones encrypted. */
export class HostKeys extends CustomResource {
  /** Public keys, `type base64`: ed25519 first, then RSA. */
  declare readonly publicKeys: pulumi.Output<string[]>;
  /** Private ed25519 key in OpenSSH format; secret. */
  declare readonly ed25519: pulumi.Output<string>;
  /** Private RSA key of 4096 bits in OpenSSH format; secret. */
  declare readonly rsa: pulumi.Output<string>;
  /** A public login key whose private half was not kept, for providers that want one. */
  declare readonly unheldKey: pulumi.Output<string>;

  constructor(name: string, args: HostKeysArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { publicKeys: undefined, ed25519: undefined, rsa: undefined, unheldKey: undefined };
    const secret = { additionalSecretOutputs: ['ed25519', 'rsa'] };
    super('postern:index:HostKeys', name, { ...args, ...outputs }, mergeOptions(options, secret));
  }
}

/** Inputs of {@link FirstBoot}. */
export interface FirstBootArgs {
  readonly way: pulumi.Input<WayInput>;
  readonly identity?: pulumi.Input<Identity>;
}

/** The wait for a VPS that was just made: until it lets in, with its host key pinned, and cloud-init has ended. */
export class FirstBoot extends CustomResource {
  constructor(name: string, args: FirstBootArgs, options?: pulumi.CustomResourceOptions) {
    super('postern:index:FirstBoot', name, { ...args }, options);
  }
}
