/** What a run of the command line leaves behind besides its answer. */
export type RunState = {
  /** False when a command worked and its answer is "not ok". */
  ok: boolean;
  /** What commander had to say about a line that it did not understand. */
  complaint: string;
};
