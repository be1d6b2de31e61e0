import { createPrivateKey, sign } from 'node:crypto';

/** Self-signed, valid for a hundred years, of the kind that makers of authenticators sign attestations with. */
const certificate =
  'MIIB0TCCAXegAwIBAgIUUPXD21RqHS/YQXvUvu8s/7tbamAwCgYIKoZIzj0EAwIwTzELMAkGA1UEBhMCQVQxDTALBgNVBAoMBFRlc3QxIjAgBgNVBAsMGUF1dGhlbnRpY2F0b3IgQXR0ZXN0YXRpb24xDTALBgNVBAMMBFRlc3QwIBcNMjYxMTIyMTIzNTIwWhgPMjEyNjEwMjkxMjM1MjBaME8xCzAJBgNVBAYTAkFUMQ0wCwYDVQQKDARUZXN0MSIwIAYDVQQLDBlBdXRoZW50aWNhdG9yIEF0dGVzdGF0aW9uMQ0wCwYDVQQDDARUZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/XvjZ639I8AKkDE/j0sI2l19XPyzTdRuJY16BNMgZGoXA7pTEceQ8Rbw8u0LrlCM2OU0wKcXVQs9BSHZf5aIKaMvMC0wDAYDVR0TAQH/BAIwADAdBgNVHQ4EFgQUKllssDXHXIt6l8LoRoxV+ug3kDYwCgYIKoZIzj0EAwIDSAAwRQIhAPSmBwNh2YTKadrchnsf6gvShSGgGWn20ljtIDZ7WWHQAiAauk/VU90b+jluLQ2Sz4tg9zPN/d8SLpr2OqiDdoKzpg==';
const key =
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyMpY/uRTCXlzo8X45Jkd9pWiaZSQV4B8WvLRBdOP5pGhRANCAAT9e+Nnrf0jwAqQMT+PSwjaXX1c/LNN1G4ljXoE0yBkahcDulMRx5DxFvDy7QuuUIzY5TTApxdVCz0FIdl/logp';

/** What an authenticator says that proves its maker: a packed attestation statement (WebAuthn Level 3, section 8.2). */
export function packedStatement(signed: Uint8Array): Map<string, number | Uint8Array | Uint8Array[]> {
  const signer = createPrivateKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'pkcs8' });
  return new Map<string, number | Uint8Array | Uint8Array[]>([
    ['alg', -7],
    ['sig', new Uint8Array(sign('sha256', signed, signer))],
    ['x5c', [new Uint8Array(Buffer.from(certificate, 'base64'))]],
  ]);
}
