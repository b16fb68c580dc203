/** One request and its whole answer. Only what has come in full counts as acknowledged. */

export interface Answer {
  readonly status: number;
  /** The JSON of the answer; empty where it is none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

/** No answer came, or not to its end: what was asked may have been done or not. */
export class Unanswered extends Error {}

/** @throws {Unanswered} */
export async function ask(url: string, request: RequestInit = {}): Promise<Answer> {
  const { response, text } = await answerTo(url, request);
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, body: isJson ? JSON.parse(text) : {}, headers: response.headers };
}

async function answerTo(url: string, request: RequestInit): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(url, { redirect: 'error', ...request });
    return { response, text: await response.text() };
  } catch (cause) {
    throw new Unanswered(`${url} did not answer`, { cause });
  }
}
