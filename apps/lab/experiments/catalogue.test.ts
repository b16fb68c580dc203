import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ExperimentRequest } from '../cors/experiment-request.ts';
import { Policy } from '../cors/policy.ts';
import { alternatives } from './alternatives.ts';
import { articlePoints, experimentsOfPoint } from './article-points.ts';
import { experiments, groupTitles } from './experiments.ts';

const workspace = path.resolve(import.meta.dirname, '../../..');
const HTTP = 'http://lab.example.localhost:4010';
const catalogue = experiments(HTTP);

describe('the catalogue of experiments', () => {
  test('has unique ids in kebab case', () => {
    const ids = catalogue.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(30);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([]);
  });

  test('lists one group after the other, in the order of their titles', () => {
    const groups = catalogue.map(({ group }) => group);
    const changes = groups.filter((group, index) => group !== groups[index - 1]);
    expect(changes).toEqual(Object.keys(groupTitles));
  });

  test.each([HTTP, 'https://lab.example.localhost:4010', 'https://lab.example.localhost'])(
    'has valid requests and policies for a page of %s',
    (pageOrigin) => {
      for (const { steps, rightSteps } of experiments(pageOrigin)) {
        for (const { request, policy } of [...steps, ...(rightSteps ?? [])]) {
          expect(v.safeParse(ExperimentRequest, request).issues).toBeUndefined();
          expect(v.safeParse(Policy, policy).issues).toBeUndefined();
        }
      }
    },
  );

  test.each(catalogue)(
    'describes $id in complete sentences, at most two per text',
    ({ meant, does, instead }) => {
      for (const text of [meant, does, instead]) {
        expect(text).toMatch(/^[^\s].*\.$/s);
        expect(text.match(/[.:?!](?= [A-Z“])|\.$/g)?.length).toBeLessThanOrEqual(3);
        expect(text.length).toBeLessThan(260);
      }
    },
  );
});

describe('the points of the article', () => {
  test('each have experiments, and each experiment shows a point', () => {
    for (const { point } of articlePoints) expect(experimentsOfPoint(catalogue, point)).not.toEqual([]);
    const known = articlePoints.map(({ point }) => point);
    for (const { points } of catalogue) {
      expect(points.length).toBeGreaterThan(0);
      expect(known).toEqual(expect.arrayContaining([...points]));
    }
  });

  test('name files of this repository that exist', () => {
    expect(articlePoints.filter(({ file }) => !existsSync(path.join(workspace, file)))).toEqual([]);
  });
});

test('each alternative says what it can and can’t do, and when to use it', () => {
  expect(alternatives.map(({ id }) => id)).toEqual(['proxy', 'jsonp', 'without-checks', 'public']);
  for (const { can, cannot, rightWhen } of alternatives) {
    for (const text of [...can, ...cannot, rightWhen]) expect(text).toMatch(/\.$/);
    expect(can.length * cannot.length).toBeGreaterThan(0);
  }
});

test('docs/cors.md links to exactly the experiments of the catalogue', () => {
  const document = readFileSync(path.join(workspace, 'docs/cors.md'), 'utf8');
  const labels = [...document.matchAll(/\]\[([a-z-]+)\]/g)].map(([, label]) => label);
  const ids = catalogue.map(({ id }) => id);
  expect([...new Set(labels)].sort()).toEqual(ids.toSorted());
  for (const id of ids) expect(document).toContain(`\n[${id}]: ${HTTP}/cors?experiment=${id}\n`);
});
