import { StringDecoder } from 'node:string_decoder';
import { plainText } from '../sanitise.ts';
import { Bytes } from './bytes.ts';

/** Longest end line: a space, three digits, a newline. */
const statusLength = 5;

/** Bytes that are kept of what stands before a program's output. */
const keptNoise = 65_536;

/**
 * Cuts one program's output out of a stream: what stands between the line with its marker and the marker with the
 * status. What precedes (a talkative .bashrc, a banner) is left out. This is where what a host says comes in, so what it
 * gives back is plain text ({@link plainText}), and each byte costs the same, however the host cuts its output.
 */
export class Capture {
  /** The program's status once its end was seen, else undefined. */
  status: number | undefined;
  /** Whether the program's start was seen. */
  started = false;
  /** Bytes of output so far. */
  size = 0;
  /** Bytes before the output so far, also those that were not kept. */
  noiseSize = 0;

  readonly #start: Buffer;
  readonly #end: RegExp;
  readonly #endLength: number;
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #decoder = new StringDecoder('utf8');
  readonly #before = new Bytes();
  readonly #bytes = new Bytes();
  #line: string[] = [];

  /** @param onLine called with each line of output as soon as it is complete, without its newline. */
  constructor(marker: string, onLine?: (line: string) => void) {
    this.#start = Buffer.from(`${marker}\n`);
    this.#end = new RegExp(`${marker} (\\d{1,3})\n`);
    this.#endLength = marker.length + statusLength;
    this.#onLine = onLine;
  }

  /** Takes what the stream brought next. */
  feed(chunk: Buffer): void {
    if (this.status !== undefined) return;
    if (this.started) this.#output(chunk);
    else this.#noise(chunk);
  }

  /** The program's output so far, complete when {@link status} is known. */
  text(): string {
    return plainText(this.#bytes.view(0, this.size).toString('utf8'));
  }

  /** What stood before the program's output, at most 64 KiB. */
  noise(): string {
    return plainText(this.#before.view(this.#before.length - keptNoise).toString('utf8'));
  }

  #noise(chunk: Buffer): void {
    // The start line may be cut anywhere, so it is looked for from where it could have begun.
    const from = Math.max(0, this.#before.length - this.#start.length);
    this.#before.append(chunk);
    const at = this.#before.view(from).indexOf(this.#start);
    if (at < 0) {
      this.noiseSize += chunk.length;
      if (this.#before.length > 2 * keptNoise) this.#before.keepLast(keptNoise);
      return;
    }
    this.started = true;
    const rest = Buffer.from(this.#before.view(from + at + this.#start.length));
    this.#before.length = from + at;
    if (rest.length > 0) this.#output(rest);
  }

  #output(chunk: Buffer): void {
    // So may the end line.
    const from = Math.max(0, this.size - this.#endLength);
    this.#bytes.append(chunk);
    this.size = this.#bytes.length;
    const end = this.#end.exec(this.#bytes.view(from).toString('latin1'));
    if (end !== null) {
      this.status = Number(end[1]);
      this.size = from + end.index;
    }
    if (this.#onLine !== undefined) this.#lines(this.#onLine, chunk);
  }

  #lines(onLine: (line: string) => void, chunk: Buffer): void {
    const [first = '', ...more] = this.#decoder.write(chunk).split('\n');
    this.#line.push(first);
    for (const next of more) {
      const line = this.#line.join('');
      this.#line = [next];
      const end = this.#end.exec(`${line}\n`);
      if (end === null) onLine(plainText(line));
      else if (end.index > 0) onLine(plainText(line.slice(0, end.index)));
    }
  }
}
