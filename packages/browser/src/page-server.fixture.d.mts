export interface Request {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  html?: string;
  redirect?: string;
  hangUp?: boolean;
}

/** A real server on a port of 127.0.0.1, which answers as the test says. */
export function listen(
  answer: (request: Request) => Promise<Answer>,
): Promise<{ url: string; close(): void }>;
