export interface Request {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface ServerResponse {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  html?: string;
  redirect?: string;
  hangUp?: boolean;
}

/** A real server on a port of 127.0.0.1 for one test, which sets its responses. */
export function serve(respond: (request: Request) => Promise<ServerResponse>): Promise<{ url: string }>;
