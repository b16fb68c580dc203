/** A link may come from anyone, so parsing it must be safe. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { experiments } from '../../../experiments/experiments.ts';
import { get, rightPolicy } from '../../../experiments/right-policy.ts';
import { areValid, MAX_STEPS_BYTES, parseSearch, toSearch } from './shared-link.ts';

const ORIGIN = 'http://lab.example.localhost:4010';
const catalogue = experiments(ORIGIN);
const step = { request: get, policy: rightPolicy(ORIGIN) };
const isKnown = (id: string) => catalogue.some((experiment) => experiment.id === id);
const parse = (search: string) => parseSearch(search, isKnown);
const linkTo = (steps: unknown) => `?${new URLSearchParams({ steps: JSON.stringify(steps) })}`;

describe('shared links', () => {
  it('The link to an unedited experiment contains only its id', () => {
    const search = toSearch({ experimentId: 'no-header', steps: null });
    expect(search).toBe('?experiment=no-header');
    expect(parse('?experiment=no-header')).toEqual({ experimentId: 'no-header', steps: null, error: null });
  });

  it('The link to the overview has no query', () => {
    expect(toSearch({ experimentId: null, steps: null })).toBe('');
    expect(parse('')).toEqual({ experimentId: null, steps: null, error: null });
  });

  it.each(catalogue.map(({ id, steps }) => [id, steps] as const))(
    'The steps of "%s" survive a round trip through a link.',
    (id, steps) => {
      const search = toSearch({ experimentId: id, steps }) ?? '';
      expect(parse(search)).toEqual({ experimentId: id, steps, error: null });
    },
  );

  it('Steps without an experiment survive a round trip through a link', () => {
    const steps = [{ ...step, request: { ...get, body: 'ä & b=c#d' } }];
    const search = toSearch({ experimentId: null, steps }) ?? '';
    expect(parse(search)).toEqual({ experimentId: null, steps, error: null });
  });

  it('A link to an unknown experiment is an error', () => {
    const expected = { experimentId: null, steps: null, error: 'unknown-experiment' };
    expect(parse('?experiment=constructor')).toEqual(expected);
  });

  it.each([
    ['invalid JSON', '?steps=%7B'],
    ['a step instead of a list', linkTo(step)],
    ['an empty list', linkTo([])],
    ['three steps', linkTo([step, step, step])],
    ['an unknown member', linkTo([{ ...step, delaySeconds: 9 }])],
    [
      'a line break in a header',
      linkTo([{ ...step, policy: { ...step.policy, vary: 'A\r\nSet-Cookie: a=b' } }]),
    ],
    ['a URL as the target', linkTo([{ ...step, request: { ...get, target: 'https://www.example.com' } }])],
  ])('A link with %s is invalid, so the experiment is shown unedited. [T-LAB-06]', (_case, search) => {
    const expected = { experimentId: 'no-header', steps: null, error: 'invalid-steps' };
    expect(parse(`${search}&experiment=no-header`)).toEqual(expected);
  });

  it('Steps of more than 4 KiB are neither read nor written. [T-LAB-06]', () => {
    const big = { ...step, request: { ...get, body: 'ä'.repeat(1000) } };
    const steps = [big, big];
    expect(areValid(steps)).toBe(true);
    expect(JSON.stringify(steps).length).toBeLessThan(MAX_STEPS_BYTES);
    expect(toSearch({ experimentId: null, steps })).toBeNull();
    expect(parse(linkTo(steps)).error).toBe('too-long');
  });

  it('Invalid steps can’t be written as a link', () => {
    expect(
      toSearch({ experimentId: null, steps: [{ ...step, request: { ...get, method: '' } }] }),
    ).toBeNull();
  });

  it('Parsing any query returns either valid steps or an error, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), (experiment, steps) => {
        const { steps: found, error } = parse(`?${new URLSearchParams({ experiment, steps })}`);
        expect(found === null || areValid(found)).toBe(true);
        expect(found === null).toBe(error !== null);
      }),
    );
  });
});
