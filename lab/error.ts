/** Something in the lab failed. The message says what, what was seen, and what to do next. */
export class LabError extends Error {
  override readonly name = 'LabError';
}
