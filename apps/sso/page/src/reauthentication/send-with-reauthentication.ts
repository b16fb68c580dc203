/**
 * Sends a change, and if it needs a more recent or a stronger sign-in, asks the person for that and sends it
 * again.
 */
import type { Factor } from '@samesite-sso/protocol';
import type { Reply } from '../send-account-request.ts';

export interface ReauthenticationSender {
  /** @returns the reply; `reauthentication-required` if the person cancels */
  send<Body>(request: () => Promise<Reply<Body>>): Promise<Reply<Body>>;
  /** Ends the question, if there is one. */
  end(isDone: boolean): void;
}

/** @param ask shows the question for a factor, or none */
export function createReauthenticationSender(ask: (method: Factor | null) => void): ReauthenticationSender {
  let resolveLast: (isDone: boolean) => void = () => {};

  function end(isDone: boolean): void {
    ask(null);
    resolveLast(isDone);
  }

  function waitFor(method: Factor): Promise<boolean> {
    resolveLast(false);
    ask(method);
    return new Promise((resolve) => {
      resolveLast = resolve;
    });
  }

  return {
    async send(request) {
      const reply = await request();
      if (reply.status !== 'refused' || reply.problem.code !== 'reauthentication-required') return reply;
      const isDone = await waitFor(reply.problem.methods?.[0] ?? 'password');
      return isDone ? await request() : reply;
    },
    end,
  };
}
