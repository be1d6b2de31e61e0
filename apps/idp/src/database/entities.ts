import { AccountPicture } from '#account-console/picture-entity.ts';
import { Account, AccountImport } from '#accounts/entity.ts';
import { AuditEvent } from '#audit/entity.ts';
import { Ban } from '#bans/entity.ts';
import { Client, ClientSecret } from '#clients/entity.ts';
import { Passkey } from '#passkeys/entity.ts';
import { KnownDevice } from '#devices/entity.ts';
import { KnownPlace } from '#places/entity.ts';
import { OidcGrant, RefreshFamily, SsoSession } from '#protocol/entities.ts';
import { Consent } from '#consent/entity.ts';
import { Delivery } from '#revocations/deliveries-entity.ts';
import { DenylistPosition, LedgerEntry } from '#revocations/entity.ts';
import { RecoveryCode, TotpAuthenticator, TrustedDevice } from '#second-factor/entity.ts';
import { SigningKey } from '#signing-keys/entity.ts';
import { SingleUseToken } from '#single-use/entity.ts';
import { Webhook } from '#webhooks/entity.ts';
import { ConfigurationVersion } from './configuration-version.ts';

/** Every entity, in the order of their names. */
export const entities = [
  Account,
  AccountImport,
  AccountPicture,
  AuditEvent,
  Ban,
  Client,
  ClientSecret,
  ConfigurationVersion,
  Consent,
  Delivery,
  DenylistPosition,
  KnownDevice,
  KnownPlace,
  LedgerEntry,
  OidcGrant,
  Passkey,
  RecoveryCode,
  RefreshFamily,
  SigningKey,
  SingleUseToken,
  SsoSession,
  TotpAuthenticator,
  TrustedDevice,
  Webhook,
];
