/** The demo app's configuration. Foo and lorem differ only in their name and origin. */
import { ConfigError, OPEN_FILES_VARIABLE } from '@samesite-sso/core';
import {
  type Environment,
  filePath,
  hostAndPort,
  logLevel,
  oneOf,
  openFilesFolder,
  optional,
  origin,
  readEnvironment,
  readTls,
  required,
  requireSealingKeys,
  sealingKeyFile,
  seconds,
  serverUrl,
  text,
  usableDatabase,
} from '@samesite-sso/server/config';

export type Config = ReturnType<typeof loadConfig>;

/** @throws {ConfigError} naming every error */
export function loadConfig(environment: Environment) {
  const values = readEnvironment(
    environment,
    {
      APP_ORIGIN: required(origin),
      APP_NAME: required(text),
      APP_LISTEN: required(hostAndPort),
      APP_DATABASE: required(usableDatabase),
      APP_SEALING_KEY_FILE: optional(sealingKeyFile, null),
      SSO_ORIGIN: required(origin),
      SSO_SERVER_URL: optional(serverUrl, undefined),
      TLS_CERT_FILE: optional(filePath, undefined),
      TLS_KEY_FILE: optional(filePath, undefined),
      [OPEN_FILES_VARIABLE]: optional(openFilesFolder, undefined),
      APP_SESSION_SECONDS: optional(seconds, 30 * 60),
      LOG_LEVEL: optional(logLevel, 'info'),
      APP_OTHER_NAME: optional(text, undefined),
      APP_OTHER_ORIGIN: optional(origin, undefined),
      APP_LINK_NAME: optional(text, undefined),
      APP_LINK_ORIGIN: optional(origin, undefined),
      APP_SIGN_IN: optional(oneOf('automatic', 'confirm'), 'automatic' as const),
    },
    {
      sealingKeyFile: (values) =>
        requireSealingKeys('APP_SEALING_KEY_FILE', values.APP_DATABASE, values.APP_SEALING_KEY_FILE),
      tls: (values) => readTls(values.TLS_CERT_FILE, values.TLS_KEY_FILE, () => values.APP_ORIGIN),
      otherApp: (values) => namedOrigin('APP_OTHER', values.APP_OTHER_NAME, values.APP_OTHER_ORIGIN),
      link: (values) => namedOrigin('APP_LINK', values.APP_LINK_NAME, values.APP_LINK_ORIGIN),
    },
  );
  return {
    origin: values.APP_ORIGIN,
    name: values.APP_NAME,
    listen: values.APP_LISTEN,
    /** The app's keys are beside it, or in it if it is a PostgreSQL database. */
    database: values.APP_DATABASE,
    /** Seals those keys. It is never null with PostgreSQL. */
    sealingKeyFile: values.sealingKeyFile,
    ssoOrigin: values.SSO_ORIGIN,
    /** Where this app's server reaches the SSO service's. */
    ssoServerUrl: values.SSO_SERVER_URL ?? values.SSO_ORIGIN,
    tls: values.tls,
    sessionSeconds: values.APP_SESSION_SECONDS,
    logLevel: values.LOG_LEVEL,
    /** Another app of the site, which the page links to. */
    otherApp: values.otherApp,
    /** A link below the diagram to any origin, with its name as the text. */
    link: values.link,
    /** Whether the page signs people in silently, or asks them first. */
    signIn: values.APP_SIGN_IN,
  };
}

/** Combines two variables. Either both or neither must be set. */
function namedOrigin(prefix: string, name: string | undefined, origin: string | undefined) {
  if (name === undefined && origin === undefined) return null;
  if (name === undefined) throw new ConfigError(`${prefix}_NAME is missing, while ${prefix}_ORIGIN is set`);
  if (origin === undefined) throw new ConfigError(`${prefix}_ORIGIN is missing, while ${prefix}_NAME is set`);
  return { name, origin };
}
