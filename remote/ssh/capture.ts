import { StringDecoder } from 'node:string_decoder';

/** Longest end line: a space, three digits, a newline. */
const statusLength = 5;

/**
 * Cuts one program's output out of a stream: what stands between the line with its marker and the marker with the
 * status. What precedes (a talkative .bashrc, a banner) is left out.
 */
export class Capture {
  /** The program's status once its end was seen, else undefined. */
  status: number | undefined;
  /** Whether the program's start was seen. */
  started = false;
  /** Bytes of output so far. */
  size = 0;

  readonly #start: Buffer;
  readonly #end: RegExp;
  readonly #endLength: number;
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #decoder = new StringDecoder('utf8');
  #before: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #line = '';

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
    if (this.started) {
      this.#output(chunk);
      return;
    }
    this.#before = Buffer.concat([this.#before, chunk]);
    const at = this.#before.indexOf(this.#start);
    if (at < 0) {
      this.#before = this.#before.subarray(-65_536);
      return;
    }
    this.started = true;
    const rest = this.#before.subarray(at + this.#start.length);
    this.#before = this.#before.subarray(0, at);
    if (rest.length > 0) this.#output(rest);
  }

  /** The program's output so far, complete when {@link status} is known. */
  text(): string {
    return Buffer.concat(this.#chunks).subarray(0, this.size).toString('utf8');
  }

  /** What stood before the program's output, at most 64 KiB. */
  noise(): string {
    return this.#before.toString('utf8');
  }

  #output(chunk: Buffer): void {
    // The end line may be cut anywhere, so it is looked for from where it could have begun.
    const overlap = Math.min(this.size, this.#endLength);
    const window = overlap === 0 ? chunk : Buffer.concat([this.#last(overlap), chunk]);
    const from = this.size - overlap;
    this.#chunks.push(chunk);
    this.size += chunk.length;
    const end = this.#end.exec(window.toString('latin1'));
    if (end !== null) {
      this.status = Number(end[1]);
      this.size = from + end.index;
    }
    if (this.#onLine !== undefined) this.#lines(this.#onLine, chunk);
  }

  #last(count: number): Buffer {
    let have = 0;
    const parts: Buffer[] = [];
    for (let index = this.#chunks.length - 1; index >= 0 && have < count; index--) {
      const part = this.#chunks[index];
      if (part === undefined) break;
      parts.unshift(part);
      have += part.length;
    }
    return Buffer.concat(parts).subarray(-count);
  }

  #lines(onLine: (line: string) => void, chunk: Buffer): void {
    const lines = (this.#line + this.#decoder.write(chunk)).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      const end = this.#end.exec(`${line}\n`);
      if (end === null) onLine(line);
      else if (end.index > 0) onLine(line.slice(0, end.index));
    }
  }
}
