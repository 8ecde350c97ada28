/** What a user or a token may do; `agent` may only ship data. */
export type Role = 'viewer' | 'editor' | 'admin' | 'agent';

/** A saved object. `version` grows by one with each put of the same id. */
export interface Saved<T> {
  readonly id: string;
  readonly version: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly value: T;
}

export interface PutOptions {
  /**
   * The version the caller has read; 0: must not exist yet. Absent: last write wins.
   */
  readonly ifVersion?: number;
}

/** Saved objects of one kind, plain JSON. Ids are at most 512 characters. */
export interface Collection<T> {
  get(id: string): Promise<Saved<T> | undefined>;
  /** In ASCII order of ids. */
  list(options?: {
    readonly prefix?: string;
    /** Strictly after this id. */
    readonly after?: string;
    readonly limit?: number;
  }): Promise<readonly Saved<T>[]>;
  /** @throws {AppError} STATE_CONFLICT when `ifVersion` is not the version held */
  put(id: string, value: T, options?: PutOptions): Promise<Saved<T>>;
  /** False when there was none. @throws {AppError} STATE_CONFLICT */
  delete(id: string, options?: PutOptions): Promise<boolean>;
}

export interface User {
  readonly name: string;
  readonly role: Exclude<Role, 'agent'>;
  readonly createdMs: number;
}

export interface UserStore {
  /** @throws {AppError} USER_EXISTS, USER_INVALID (name or password) */
  add(user: {
    readonly name: string;
    readonly password: string;
    readonly role: User['role'];
  }): Promise<User>;
  list(): Promise<readonly User[]>;
  get(name: string): Promise<User | undefined>;
  /** Ends the user's sessions too. False when there is no such user. */
  remove(name: string): Promise<boolean>;
  /** Ends the user's sessions too. @throws {AppError} USER_NOT_FOUND, USER_INVALID */
  setPassword(name: string, password: string): Promise<void>;
  /** The user if the password is right. Takes as long for an unknown name as for a wrong password. */
  verify(name: string, password: string): Promise<User | undefined>;
}

export interface Session {
  readonly user: User;
  readonly createdMs: number;
  readonly expiresMs: number;
}

/** Browser logins. Only a hash of the secret is kept. */
export interface SessionStore {
  /** @returns the secret for the cookie, 256 random bits */
  start(userName: string, lifetimeMs: number): Promise<{ readonly secret: string } & Session>;
  find(secret: string): Promise<Session | undefined>;
  end(secret: string): Promise<void>;
}

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdMs: number;
  readonly expiresMs: number | undefined;
  readonly lastUsedMs: number | undefined;
}

/** Bearer tokens. Only a hash of the secret is kept. */
export interface TokenStore {
  /** @returns `secret` is shown once and cannot be read again. @throws {AppError} TOKEN_EXISTS */
  create(token: {
    readonly name: string;
    readonly role: Role;
    readonly lifetimeMs?: number;
  }): Promise<{ readonly token: ApiToken; readonly secret: string }>;
  list(): Promise<readonly ApiToken[]>;
  /** By id or name. */
  revoke(idOrName: string): Promise<boolean>;
  find(secret: string): Promise<ApiToken | undefined>;
}

export interface AccessKey {
  /** `AKIA…`, 20 characters. */
  readonly id: string;
  readonly name: string;
  readonly role: Exclude<Role, 'agent'>;
  readonly createdMs: number;
}

/** SigV4 keys: the secret signs, so it is kept, sealed with the key file of the data directory. */
export interface AccessKeyStore {
  create(key: {
    readonly name: string;
    readonly role: AccessKey['role'];
  }): Promise<{ readonly key: AccessKey; readonly secret: string }>;
  list(): Promise<readonly AccessKey[]>;
  revoke(id: string): Promise<boolean>;
  /** The secret to check a signature with. */
  find(id: string): Promise<{ readonly key: AccessKey; readonly secret: string } | undefined>;
}

/**
 * Seals secrets that saved objects carry and that must be read again, with the key file of the data
 * directory. `context` is bound to the secret: it opens only under the same one (the id of its object).
 */
export interface SecretBox {
  /** @returns text for a saved object. @throws {AppError} STATE_KEY_UNREADABLE */
  seal(secret: string, context: string): string;
  /** Undefined when it was sealed with another key or for another context. */
  unseal(sealed: string, context: string): string | undefined;
}

/**
 * Saved objects, users and credentials. All methods may run at once, in several processes on one
 * data directory too. What a promise has resolved for survives kill -9 and power loss.
 */
export interface StateStore extends AsyncDisposable {
  collection<T>(name: string): Collection<T>;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly tokens: TokenStore;
  readonly accessKeys: AccessKeyStore;
  readonly secrets: SecretBox;
  /** True once any user, token or access key exists: from then on nobody is anonymous. */
  hasCredentials(): Promise<boolean>;
}
