// @jmondi/oauth2-server behind express: the server that takes the parameters
// of RFC 6749 as JSON, which is how LoginRadius wants them too. The library
// decides everything; what stands here is the accounts and a memory for tokens.
//
// What it does in its own way:
// - HTTP Basic is split at every ':' and never percent-decoded. A secret with
//   ':' or '%' in it gets through in the body only.
// - Errors carry "status" and "message" beside the members of RFC 6749, and a
//   401 has no WWW-Authenticate.
// - A grant that the client may not use is answered like a wrong secret: 401
//   invalid_client.
// - A refresh token that is worth nothing is answered 400 invalid_request.
// - Revocation answers 200 {} whatever was asked, and by whom. It finds a
//   refresh token only by its hint, and is for clients that may use the
//   client_credentials grant.
// - It knows neither userinfo nor discovery nor id_tokens; /me is ours, and
//   its access tokens are signed with HMAC.
// - Bodies of more than 100 kB express answers itself: 413 with a web page.
//
// Environment: AT_TTL, the lifetime of access tokens in seconds.

import { randomBytes } from 'node:crypto';
import { AuthorizationServer, DateInterval, JwtService, OAuthException } from '@jmondi/oauth2-server';
import { handleExpressError, handleExpressResponse } from '@jmondi/oauth2-server/express';
import express from 'express';
import { listen } from '../listen.mjs';

const SCOPES = ['openid', 'profile', 'read'].map((name) => ({ name }));

const USERS = new Map([
  ['alice', 'wonderland'],
  ['bøb', 'p&s=w+r%d é€'],
  ['long', 'é'.repeat(9000)], // more than one TLS record
]);

function client(id, secret, allowedGrants = ['password', 'refresh_token', 'client_credentials']) {
  return { id, name: id, secret, redirectUris: [], allowedGrants, scopes: SCOPES };
}

const CLIENTS = new Map(
  [
    client('app', 'appsecret'),
    client('hard', 's:e c%r+t/&'),
    client('pub', null, ['password', 'refresh_token']),
    client('machine', 'machinesecret', ['client_credentials']),
  ].map((each) => [each.id, each]),
);

const clients = {
  getByIdentifier: async (id) => CLIENTS.get(id),
  isClientValid: async (grant, { secret, allowedGrants }, given) =>
    (secret === null || secret === given) && allowedGrants.includes(grant),
};

const users = {
  getUserByCredentials: async (name, password) =>
    USERS.has(name) && USERS.get(name) === password ? { id: name } : undefined,
};

const scopes = {
  getAllByIdentifiers: async (names) => SCOPES.filter(({ name }) => names.includes(name)),
  finalize: async (granted) => granted,
};

const random = () => randomBytes(24).toString('hex');
const inSeconds = (seconds) => new Date(Date.now() + seconds * 1000);

// An access token and the refresh token beside it are one entry.
const issued = new Set();

function find(member, value) {
  for (const token of issued) if (token[member] === value) return token;
  throw OAuthException.badRequest('unknown token');
}

const tokens = {
  issueToken: async (client, scopes, user) => ({
    accessToken: random(),
    accessTokenExpiresAt: inSeconds(3600), // the library puts the grant's time here
    client,
    user,
    scopes,
  }),
  // Not a copy: the access token's entry, which is kept already.
  issueRefreshToken: async (token) =>
    Object.assign(token, { refreshToken: random(), refreshTokenExpiresAt: inSeconds(86400) }),
  persist: async (token) => {
    issued.add(token);
  },
  revoke: async (token) => {
    token.accessTokenExpiresAt = token.refreshTokenExpiresAt = new Date(0);
  },
  isRefreshTokenRevoked: async (token) => token.refreshTokenExpiresAt < new Date(),
  getByRefreshToken: async (token) => find('refreshToken', token),
  getByAccessToken: async (token) => find('accessToken', token),
};

const TTL = new DateInterval(`${process.env.AT_TTL ?? 3600}s`);

await listen((origin) => {
  const jwt = new JwtService('a key that guards nothing outside this test');
  const server = new AuthorizationServer(clients, tokens, scopes, jwt, { issuer: origin });
  server.enableGrantTypes([{ grant: 'password', userRepository: users }, TTL], ['refresh_token', TTL]);

  const answering = (answer) => async (request, response) => {
    try {
      handleExpressResponse(response, await answer(request));
    } catch (error) {
      handleExpressError(error, response);
    }
  };

  const app = express();
  app.use(express.json(), express.urlencoded({ extended: false }));
  app.post('/token', answering((request) => server.respondToAccessTokenRequest(request)));
  app.post('/token/revoke', answering((request) => server.revoke(request)));
  app.get('/me', async (request, response) => {
    try {
      const { jti, sub } = await jwt.verify((request.headers.authorization ?? '').replace(/^Bearer /, ''));
      if (find('accessToken', jti).accessTokenExpiresAt < new Date()) throw new Error('ended');
      response.json({ sub });
    } catch {
      response.status(401).set('WWW-Authenticate', 'Bearer error="invalid_token"').end();
    }
  });
  return app;
});
