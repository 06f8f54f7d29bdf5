import type { Candidate } from '../posture/candidates.ts';
import type { Sequences } from '../posture/knock/sequence.ts';
import type { Posture } from '../posture/schema/posture.ts';
import type { Hop, Identity } from '../remote/ssh/target.ts';

/** Where a host is and how it is entered before Postern ever changed it. */
export interface InitialAccess {
  /** IPv4 address, or a DNS name. */
  readonly address: string;
  /** IPv6 address, where the host has one. */
  readonly addressV6?: string | undefined;
  readonly port: number;
  readonly user: string;
  /** Pinned host keys, `type base64`. */
  readonly hostKeys: readonly string[];
  readonly jump?: Hop | undefined;
}

/** What a host is, or was, behind its door. */
export interface Sealable {
  readonly posture: Posture;
  readonly sequences: Sequences;
  /** Secret, base32: what the codes of the second factor are made from; undefined where none is asked for. */
  readonly totp?: string | undefined;
}

/** The last sealed state, as the engine's state has it. */
export interface Previous extends Sealable {
  readonly hostKeys: readonly string[];
  /** IPv6 was verified then. */
  readonly verifiedV6: boolean;
  /** By the host's clock (ISO 8601); undefined: nobody compares it. */
  readonly sealedAt?: string | undefined;
  /** Id of the change that sealed it; undefined in states from before it was kept. */
  readonly change?: string | undefined;
  /** Id of somebody else's change that `pulumi refresh` has shown since: the operator knows of it. */
  readonly acknowledged?: string | undefined;
  /** How the deployer logged in then; undefined: by its agent and default keys. */
  readonly identity?: Identity | undefined;
}

/** Host keys that a change brings, made and recorded on the deployer's side before it. */
export interface NewHostKeys {
  /** `type base64`: ed25519, then RSA. */
  readonly publicKeys: readonly string[];
  /** Private key in OpenSSH format; secret. */
  readonly ed25519: string;
  /** Private key in OpenSSH format; secret. */
  readonly rsa: string;
}

/** Changes that a deployer began and that its state may lack. */
export interface Unsaved {
  /** Their ids, newest first. */
  readonly changes: readonly string[];
  /** How the last one ended is not known, or from when ids were not kept: nobody can say that the host's is not one of them. */
  readonly unknown: boolean;
}

/** One change of one host. */
export interface Job extends Sealable {
  readonly initialAccess: InitialAccess;
  readonly identity: Identity | undefined;
  readonly previous: Previous | undefined;
  /** Ways in that may be in force although they were never proven, newest first. Secret. */
  readonly candidates?: readonly Candidate[] | undefined;
  /** The host keys of the wanted generation; undefined where it is 0. */
  readonly newHostKeys?: NewHostKeys | undefined;
  /** Host keys that the operator vouches for by hand, `type base64`. */
  readonly acceptHostKeys?: readonly string[] | undefined;
  /** What this machine did to the host that the state may not know of yet, because it was not saved. */
  readonly unsaved?: Unsaved | undefined;
}

/**
 * Asked before a change is armed and again before it is committed, with its id: can what the host is about to become be
 * recorded here? Throws a sentence when it cannot, and the host stays as it is.
 */
export type Recordable = (change: string) => Promise<void>;

/** Tells the operator what is going on, while it is going on. */
export type Report = (text: string) => void;
