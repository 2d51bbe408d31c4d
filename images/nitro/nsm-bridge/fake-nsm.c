// SPDX-License-Identifier: MIT
/*
 * SIMULATED security module for the check of nsm-bridge: linked in place of ioctl (-Wl,--wrap=ioctl). It answers with
 * the very request as the document, so that the check can read what the module was asked. A request whose user data
 * start with "error" is refused as the module refuses, one that starts with "fail" makes the call itself fail.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

struct nsm_raw {
  uint64_t request, request_length, response, response_length;
};

static int holds(const uint8_t *data, size_t length, const char *text) {
  for (size_t at = 0; at + strlen(text) <= length; at++)
    if (memcmp(data + at, text, strlen(text)) == 0) return 1;
  return 0;
}

int __wrap_ioctl(int device, unsigned long call, struct nsm_raw *message) {
  const uint8_t *request = (const uint8_t *)(uintptr_t)message->request;
  uint8_t *response = (uint8_t *)(uintptr_t)message->response;
  size_t length = message->request_length;
  /* _IOWR(0x0A, 0x0, 32 bytes) as the kernel's header has it, and its limits. */
  if (device < 0 || call != 0xc0200a00 || length > 0x1000 || message->response_length != 0x3000) return errno = EINVAL, -1;
  if (holds(request, length, "fail")) return errno = EIO, -1;
  if (holds(request, length, "error")) {
    static const uint8_t refusal[] = "\xa1\x65" "Error" "\x6f" "InvalidArgument";
    memcpy(response, refusal, sizeof refusal - 1);
    message->response_length = sizeof refusal - 1;
    return 0;
  }
  static const uint8_t start[] = "\xa1\x6b" "Attestation" "\xa1\x68" "document\x59";
  size_t at = sizeof start - 1;
  memcpy(response, start, at);
  response[at++] = (uint8_t)(length >> 8);
  response[at++] = (uint8_t)length;
  memcpy(response + at, request, length);
  message->response_length = at + length;
  return 0;
}
