import { describeStores } from '../contract/stores.test-suite.ts';
import { postgresBackend } from './test-backend.fixture.ts';

describeStores('PostgreSQL', postgresBackend());
