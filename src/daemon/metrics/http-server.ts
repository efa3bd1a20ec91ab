import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LeewardError } from '../../errors/leeward-error.js';

/** Where metrics are served. */
export interface MetricsTarget {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
}

/** What is served. */
export interface MetricsPages {
  readonly contentType: string;
  metrics(): Promise<string>;
  /** Why no job would be taken at the moment, in few words; undefined: it would. */
  unready(): string | undefined;
  onError(error: unknown): void;
}

/** Nobody who scrapes needs more; whoever wants to keep this busy shall not get far. */
const LIMITS = { maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 5000 };
const CHECK_MS = 1000;
const MAX_CONNECTIONS = 32;
const PLAIN = 'text/plain; charset=utf-8';

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** `/metrics`, `/healthz` and `/readyz` over HTTP, for whoever reaches the port: there is no password, and no data of users. */
export class MetricsServer {
  readonly #pages: MetricsPages;
  readonly #server: Server;

  constructor(pages: MetricsPages) {
    this.#pages = pages;
    this.#server = createServer({ ...LIMITS, connectionsCheckingInterval: CHECK_MS }, (request, response) => {
      void this.#answer(request, response);
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /**
   * Starts to serve.
   *
   * @returns where; of port 0 the one that was free
   * @throws LeewardError LW_DAEMON_METRICS_PORT
   */
  async listen({ address, port }: MetricsTarget): Promise<MetricsTarget> {
    await new Promise<void>((resolve, reject) => {
      const refuse = (error: NodeJS.ErrnoException) => reject(portError({ address, port }, error));
      this.#server.once('error', refuse);
      this.#server.listen({ host: address, port, exclusive: true }, () => {
        this.#server.off('error', refuse);
        this.#server.on('error', (error) => this.#pages.onError(error));
        resolve();
      });
    });
    return { address, port: (this.#server.address() as AddressInfo).port };
  }

  /** Ends at once: whoever scrapes comes again. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.once('close', resolve));
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body } = await this.#page(request);
    // What comes behind is not waited for.
    if (hasBody(request)) response.setHeader('connection', 'close');
    if (status === 405) response.setHeader('allow', 'GET, HEAD');
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  async #page(request: IncomingMessage): Promise<Page> {
    const { method, url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD are answered');
    if (hasBody(request)) return plain(400, 'no body is expected');
    switch (url.replace(/\?.*$/s, '')) {
      case '/metrics':
        return await this.#metrics();
      case '/healthz':
        return plain(200, 'ok');
      case '/readyz': {
        const reason = this.#pages.unready();
        return reason === undefined ? plain(200, 'ready') : plain(503, `not ready: ${reason}`);
      }
      default:
        return plain(404, 'there are /metrics, /healthz and /readyz');
    }
  }

  async #metrics(): Promise<Page> {
    try {
      return { status: 200, type: this.#pages.contentType, body: await this.#pages.metrics() };
    } catch (error) {
      this.#pages.onError(error);
      return plain(500, 'the metrics cannot be read: see the log of the daemon');
    }
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return 'transfer-encoding' in headers || Number(headers['content-length'] ?? 0) > 0;
}

function plain(status: number, text: string): Page {
  return { status, type: PLAIN, body: `${text}\n` };
}

const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'may not be used by this user: those below 1024 are root’s',
  EADDRNOTAVAIL: 'is not to be had: the address is none of this host’s',
};

function portError({ address, port }: MetricsTarget, error: NodeJS.ErrnoException): LeewardError {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const words = WORDS[error.code ?? ''] ?? `cannot be listened on: ${error.message}`;
  return new LeewardError('LW_DAEMON_METRICS_PORT', `the port for metrics, ${place}, ${words}`, {
    cause: error,
    hint: 'give this daemon another one with `--metrics-port`; 0 turns metrics off',
  });
}
