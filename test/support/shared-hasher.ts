/**
 * One password hasher for all SSO services in a test file's process. Each service would otherwise start its
 * own, and a start takes about a second.
 */
import { afterAll } from 'vitest';
import { PasswordHasher } from '../../apps/sso/src/accounts/hashing/hasher.ts';

export const sharedHasher = new PasswordHasher();

afterAll(() => sharedHasher.close());
