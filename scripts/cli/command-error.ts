/** An expected no of the command line: one line that says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
