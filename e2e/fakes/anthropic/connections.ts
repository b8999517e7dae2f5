import type { Socket } from 'node:net';

export interface ConnectionCounts {
  openSockets: number;
  acceptedSockets: number;
  /** Requests under way, answered already or not. */
  openRequests: number;
  /** Requests whose client left before the answer had begun. */
  abandonedRequests: number;
  openStreams: number;
  openAnswers: number;
  cancelledStreams: number;
  cancelledAnswers: number;
}

type Kind = 'stream' | 'json';

/** Who is connected, and how many answers are under way or were given up by the client. */
export class Connections {
  private readonly sockets = new Set<Socket>();
  private accepted = 0;
  private requests = 0;
  private abandoned = 0;
  private readonly open = { stream: 0, json: 0 };
  private readonly cancelled = { stream: 0, json: 0 };

  accept(socket: Socket): void {
    this.accepted += 1;
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  beginRequest(): void {
    this.requests += 1;
  }

  endRequest(abandoned: boolean): void {
    this.requests -= 1;
    if (abandoned) this.abandoned += 1;
  }

  begin(kind: Kind): void {
    this.open[kind] += 1;
  }

  end(kind: Kind, cancelled: boolean): void {
    this.open[kind] -= 1;
    if (cancelled) this.cancelled[kind] += 1;
  }

  counts(): ConnectionCounts {
    return {
      openSockets: this.sockets.size,
      acceptedSockets: this.accepted,
      openRequests: this.requests,
      abandonedRequests: this.abandoned,
      openStreams: this.open.stream,
      openAnswers: this.open.json,
      cancelledStreams: this.cancelled.stream,
      cancelledAnswers: this.cancelled.json,
    };
  }

  destroyAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
