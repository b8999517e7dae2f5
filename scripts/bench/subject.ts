/** Something that clients send messages to, to be measured beside others. */
export interface Subject {
  name: string;
  port: number;
  apiKey: string;
  /** Its server's process; undefined where there is none of its own to measure. */
  pid: () => number | undefined;
  /** Ends its server and starts it anew, at the same address. */
  restart: () => Promise<void>;
  /** How many messages it has answered in full. */
  tally: { served: number };
}
