// SPDX-License-Identifier: MIT
/*
 * Hands attestation documents of AWS Nitro's security module (/dev/nsm) to a process that may not open the device.
 *
 * It listens on a Unix socket and takes one kind of HTTP request, one at a time:
 *     POST /attestation   {"userData": "<hex>", "nonce": "<hex>"}   answer: {"document": "0x<hex>"}
 * The nonce may be left out. What goes wrong is answered with {"error": "<code>"}: REQUEST_INVALID (400, 404, 411, 413),
 * NSM_REFUSED (502: the module answered with an error) or NSM_UNAVAILABLE (503).
 *
 * usage: nsm-bridge <socket> [device]
 */
#define _GNU_SOURCE /* strcasestr */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* As in the kernel's include/uapi/linux/nsm.h, which older systems do not have. */
struct nsm_iovec {
  uint64_t addr;
  uint64_t len;
};
struct nsm_raw {
  struct nsm_iovec request;
  struct nsm_iovec response;
};
#define NSM_IOCTL_RAW _IOWR(0x0A, 0x0, struct nsm_raw)
#define NSM_REQUEST_MAX 0x1000
#define NSM_RESPONSE_MAX 0x3000

#define FIELD_MAX 512 /* bytes of user data and of a nonce that the module takes */
#define HTTP_MAX 8192
#define CLIENT_SECONDS 5

struct bytes {
  bool given;
  size_t length;
  uint8_t data[FIELD_MAX];
};

/* --- what the client sends --- */

static int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static const char *skip_space(const char *at) {
  while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n') at++;
  return at;
}

/* A JSON string of hexadecimal digits, with or without 0x; NULL if it is anything else, too long, or the second one. */
static const char *read_hex(const char *at, struct bytes *into) {
  if (into->given || *at++ != '"') return NULL;
  if (at[0] == '0' && at[1] == 'x') at += 2;
  for (into->length = 0; *at != '"'; at += 2) {
    int high = digit(at[0]);
    int low = high < 0 ? -1 : digit(at[1]);
    if (low < 0 || into->length == FIELD_MAX) return NULL;
    into->data[into->length++] = (uint8_t)(high << 4 | low);
  }
  into->given = true;
  return at + 1;
}

/* An object with userData, and nonce if it likes; no other field, no escapes. */
static bool read_body(const char *at, struct bytes *user_data, struct bytes *nonce) {
  at = skip_space(at);
  if (*at++ != '{') return false;
  for (;;) {
    at = skip_space(at);
    struct bytes *into = NULL;
    if (strncmp(at, "\"userData\"", 10) == 0) into = user_data, at += 10;
    else if (strncmp(at, "\"nonce\"", 7) == 0) into = nonce, at += 7;
    else return false;
    at = skip_space(at);
    if (*at++ != ':') return false;
    at = read_hex(skip_space(at), into);
    if (at == NULL) return false;
    at = skip_space(at);
    if (*at == '}') break;
    if (*at++ != ',') return false;
  }
  return *skip_space(at + 1) == '\0' && user_data->given;
}

/* Reads a whole request; the body, or NULL with the status in *status. */
static const char *read_request(int client, char *buffer, int *status) {
  size_t length = 0;
  char *body = NULL;
  size_t needed = 0;
  *status = 400;
  while (body == NULL || length < needed) {
    if (length == HTTP_MAX) return *status = 413, NULL;
    ssize_t got = read(client, buffer + length, HTTP_MAX - length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return NULL;
    length += (size_t)got;
    buffer[length] = '\0';
    if (strlen(buffer) != length) return NULL;
    if (body != NULL || (body = strstr(buffer, "\r\n\r\n")) == NULL) continue;
    body[2] = '\0';
    body += 4;
    if (strncmp(buffer, "POST /attestation HTTP/1.", 25) != 0) return *status = 404, NULL;
    const char *header = strcasestr(buffer, "\r\ncontent-length:");
    char *end = NULL;
    long content = header == NULL ? -1 : strtol(header + 17, &end, 10);
    if (content <= 0 || end == NULL || *end != '\r') return *status = 411, NULL;
    if (content > HTTP_MAX - (body - buffer)) return *status = 413, NULL;
    needed = (size_t)(body - buffer) + (size_t)content;
  }
  return length == needed ? body : NULL;
}

/* --- what the module speaks: CBOR --- */

static size_t put_head(uint8_t *out, unsigned major, size_t value) {
  if (value < 24) return out[0] = (uint8_t)(major << 5 | value), 1;
  if (value < 256) return out[0] = (uint8_t)(major << 5 | 24), out[1] = (uint8_t)value, 2;
  out[0] = (uint8_t)(major << 5 | 25);
  out[1] = (uint8_t)(value >> 8);
  out[2] = (uint8_t)value;
  return 3;
}

static size_t put_text(uint8_t *out, const char *text) {
  size_t at = put_head(out, 3, strlen(text));
  memcpy(out + at, text, strlen(text));
  return at + strlen(text);
}

static size_t put_field(uint8_t *out, const char *name, const struct bytes *value) {
  size_t at = put_text(out, name);
  if (!value->given) return out[at] = 0xf6, at + 1; /* null */
  at += put_head(out + at, 2, value->length);
  memcpy(out + at, value->data, value->length);
  return at + value->length;
}

static size_t put_request(uint8_t *out, const struct bytes *user_data, const struct bytes *nonce) {
  const struct bytes none = {0};
  size_t at = put_head(out, 5, 1);
  at += put_text(out + at, "Attestation");
  at += put_head(out + at, 5, 3);
  at += put_field(out + at, "user_data", user_data);
  at += put_field(out + at, "nonce", nonce);
  return at + put_field(out + at, "public_key", &none);
}

/* The document in {"Attestation": {"document": bytes}}, which must be all there is. */
static const uint8_t *find_document(const uint8_t *response, size_t length, size_t *document) {
  static const uint8_t start[] = "\xa1\x6b" "Attestation" "\xa1\x68" "document";
  size_t at = sizeof start - 1;
  if (length < at + 3 || memcmp(response, start, at) != 0 || response[at] >> 5 != 2) return NULL;
  uint8_t size = response[at] & 31;
  if (size == 24) *document = response[at + 1], at += 2;
  else if (size == 25) *document = (size_t)response[at + 1] << 8 | response[at + 2], at += 3;
  else return NULL;
  return length - at == *document ? response + at : NULL;
}

/* --- one request --- */

/* The status to answer with; at 200 the document is in *document. */
static int handle(int client, const char *device, const uint8_t **document, size_t *length) {
  static char buffer[HTTP_MAX + 1];
  static uint8_t request[NSM_REQUEST_MAX], response[NSM_RESPONSE_MAX];
  struct bytes user_data = {0}, nonce = {0};
  int status = 0;

  const char *body = read_request(client, buffer, &status);
  if (body == NULL) return status;
  if (!read_body(body, &user_data, &nonce)) return 400;

  int module = open(device, O_RDWR | O_CLOEXEC);
  if (module < 0) return 503;
  struct nsm_raw message = {
      .request = {(uintptr_t)request, put_request(request, &user_data, &nonce)},
      .response = {(uintptr_t)response, sizeof response},
  };
  int failed = ioctl(module, NSM_IOCTL_RAW, &message);
  close(module);
  if (failed || message.response.len > sizeof response) return 503;

  *document = find_document(response, message.response.len, length);
  return *document == NULL ? 502 : 200;
}

static void answer(int client, int status, const uint8_t *document, size_t length) {
  static char body[2 * NSM_RESPONSE_MAX + 64], out[sizeof body + 256];
  const char *error = status == 503 ? "NSM_UNAVAILABLE" : status == 502 ? "NSM_REFUSED" : "REQUEST_INVALID";
  int size = snprintf(body, sizeof body, "{\"%s\":\"%s", status == 200 ? "document" : "error", status == 200 ? "0x" : error);
  for (size_t i = 0; status == 200 && i < length; i++) size += sprintf(body + size, "%02x", document[i]);
  size += sprintf(body + size, "\"}");

  static const char form[] = "HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
                             "connection: close\r\n\r\n%s";
  int total = snprintf(out, sizeof out, form, status, status == 200 ? "OK" : "Error", size, body);
  for (int sent = 0; sent < total;) {
    ssize_t count = write(client, out + sent, (size_t)(total - sent));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    sent += (int)count;
  }
}

static void serve(int client, const char *device) {
  const uint8_t *document = NULL;
  size_t length = 0;
  int status = handle(client, device, &document, &length);
  answer(client, status, document, length);
}

int main(int count, char **arguments) {
  if (count < 2 || count > 3) return fprintf(stderr, "usage: nsm-bridge <socket> [device]\n"), 2;
  const char *device = count == 3 ? arguments[2] : "/dev/nsm";
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(arguments[1]) >= sizeof address.sun_path) return fprintf(stderr, "the socket's path is too long\n"), 2;
  strcpy(address.sun_path, arguments[1]);

  signal(SIGPIPE, SIG_IGN);
  unlink(arguments[1]);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0) return perror(arguments[1]), 1;
  /* Whoever runs in this enclave may ask: the document binds what is asked, and nobody else is in here. */
  if (chmod(arguments[1], 0666) != 0 || listen(listener, 8) != 0) return perror(arguments[1]), 1;

  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    struct timeval limit = {.tv_sec = CLIENT_SECONDS};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    serve(client, device);
    close(client);
  }
}
