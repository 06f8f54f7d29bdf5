import type {
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from '@pulumi/pulumi/provider/index.js';
import type { Report } from '../transaction/job.ts';
import type { Bag } from './values.ts';

/** What an operation on a resource may use. */
export interface Operation {
  /** Shows beside the resource while the operation runs. */
  readonly report: Report;
  /** Stays under Diagnostics. */
  readonly warn: Report;
  /** Fires when the user cancels (Ctrl-C). */
  readonly signal: AbortSignal;
  readonly urn: string;
}

/** The life of one type of resource. Values arrive as the engine sent them, secrets wrapped. */
export interface Handler {
  check(olds: Bag, news: Bag, operation: Operation): Promise<CheckResult>;
  diff(olds: Bag, news: Bag, operation?: Operation): Promise<DiffResult>;
  create(inputs: Bag, operation: Operation): Promise<CreateResult>;
  read(id: string, state: Bag, operation: Operation): Promise<ReadResult>;
  update(olds: Bag, news: Bag, operation: Operation): Promise<UpdateResult>;
  delete(state: Bag, operation: Operation): Promise<void>;
}
