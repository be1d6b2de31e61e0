import { Account } from '#accounts/entity.ts';
import { Client, ClientSecret } from '#clients/entity.ts';
import { OidcGrant, RefreshToken, SsoSession } from '#protocol/entities.ts';
import { SigningKey } from '#signing-keys/entity.ts';
import { ConfigurationVersion } from './configuration-version.ts';

/** Every entity, in the order of their names. */
export const entities = [
  Account,
  Client,
  ClientSecret,
  ConfigurationVersion,
  OidcGrant,
  RefreshToken,
  SigningKey,
  SsoSession,
];
