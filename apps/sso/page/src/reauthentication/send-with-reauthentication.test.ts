import { type Factor, problem } from '@samesite-sso/protocol';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../send-account-request.ts';
import { createReauthenticationSender } from './send-with-reauthentication.ts';

const DONE: Reply<string> = { status: 'ok', body: 'done' };
const refused = (methods?: Factor[]): Reply<string> => ({
  status: 'refused',
  problem: { ...problem('reauthentication-required'), ...(methods && { methods }) },
});

/** @param replies to the change, in turn */
function send(...replies: Reply<string>[]) {
  const asked: (Factor | null)[] = [];
  const sender = createReauthenticationSender((method) => asked.push(method));
  let sent = 0;
  const reply = sender.send(async () => {
    sent += 1;
    return replies[sent - 1] ?? DONE;
  });
  return { asked, reply, end: sender.end, sent: () => sent };
}

describe('a change', () => {
  it('is sent once if it needs no other sign-in', async () => {
    const { reply, asked, sent } = send(DONE);
    expect(await reply).toEqual(DONE);
    expect([asked, sent()]).toEqual([[], 1]);
  });

  it.each<Factor>(['password', 'code', 'passkey'])(
    'that needs a sign-in with a %s asks for it, and is sent again afterwards',
    async (method) => {
      const { reply, asked, sent, end } = send(refused([method]));
      await expect.poll(() => asked).toEqual([method]);
      expect(sent()).toBe(1);
      end(true);
      expect(await reply).toEqual(DONE);
      expect([asked, sent()]).toEqual([[method, null], 2]);
    },
  );

  it('asks for the password if the service doesn’t say what it needs', async () => {
    const { asked, end } = send(refused());
    await expect.poll(() => asked).toEqual(['password']);
    end(false);
  });

  it('isn’t sent again if the person cancels', async () => {
    const { reply, asked, sent, end } = send(refused(['code']));
    await expect.poll(() => asked).toEqual(['code']);
    end(false);
    expect(await reply).toEqual(refused(['code']));
    expect(sent()).toBe(1);
  });

  it('that is still refused after another sign-in isn’t sent a third time', async () => {
    const { reply, asked, sent, end } = send(refused(['password']), refused(['code']));
    await expect.poll(() => asked).toEqual(['password']);
    end(true);
    expect(await reply).toEqual(refused(['code']));
    expect(sent()).toBe(2);
  });
});

it('a second change that asks cancels the first', async () => {
  const sender = createReauthenticationSender(() => {});
  const first = sender.send(async () => refused(['code']));
  await Promise.resolve();
  const second = sender.send(async () => refused(['code']));
  expect(await first).toEqual(refused(['code']));
  sender.end(false);
  expect(await second).toEqual(refused(['code']));
});
