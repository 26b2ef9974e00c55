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
// - Bodies of more than 100 kB express answers itself: 413 with a web page.

import { randomBytes } from 'node:crypto';
import { AuthorizationServer, JwtService } from '@jmondi/oauth2-server';
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

// Nothing here asks for a token again, so none is kept.
const tokens = {
  issueToken: async (client, scopes, user) => ({
    accessToken: random(),
    accessTokenExpiresAt: inSeconds(3600), // the library puts the grant's hour here
    client,
    user,
    scopes,
  }),
  issueRefreshToken: async (token) => ({
    ...token,
    refreshToken: random(),
    refreshTokenExpiresAt: inSeconds(86400),
  }),
  persist: async () => {},
};

await listen((origin) => {
  const jwt = new JwtService('a key that guards nothing outside this test');
  const server = new AuthorizationServer(clients, tokens, scopes, jwt, { issuer: origin });
  server.enableGrantType({ grant: 'password', userRepository: users });

  const app = express();
  app.use(express.json(), express.urlencoded({ extended: false }));
  app.post('/token', async (request, response) => {
    try {
      handleExpressResponse(response, await server.respondToAccessTokenRequest(request));
    } catch (error) {
      handleExpressError(error, response);
    }
  });
  return app;
});
