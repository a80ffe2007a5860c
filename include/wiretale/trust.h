/* What certificates are judged by: trusted roots, further certificates, the time, a host name, logs of Certificate
 * Transparency.
 *
 *     struct wt_trust *trust = wt_trust_new();
 *     wt_trust_add_ca(trust, pem, length, &why);       // beside the system's store
 *     struct wt_observer_options options = {.size = sizeof options, .trust = trust, ...};
 *
 * It is filled before observers use it, and only read by them. */
#ifndef WIRETALE_TRUST_H
#define WIRETALE_TRUST_H

#include "wiretale/problem.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wt_trust;

/* The system's store (libcrypto's default paths, SSL_CERT_FILE and SSL_CERT_DIR), and nothing else. NULL when the
 * system gives no memory. */
WT_API struct wt_trust *wt_trust_new(void);
WT_API void wt_trust_free(struct wt_trust *trust);

/* Each returns false with the reason in *why. */

/* Trusted certificates: PEM, one or many, or one in DER. One need not be a root: who names it trusts it. */
WT_API bool wt_trust_add_ca(struct wt_trust *trust, const void *bytes, size_t length, enum wt_problem_id *why);
/* A directory of such files under the hashes of their subjects, as openssl rehash makes it. */
WT_API bool wt_trust_add_ca_path(struct wt_trust *trust, const char *path, enum wt_problem_id *why);
/* Certificates that complete chains without being trusted: intermediates that a server may have left out. */
WT_API bool wt_trust_add_untrusted(struct wt_trust *trust, const void *bytes, size_t length, enum wt_problem_id *why);
/* Logs: the JSON list that Chrome and Apple publish (version 3: each "key" of it), or lines with a log's public key
 * (SubjectPublicKeyInfo, DER in base64) and perhaps a name behind it; # begins a comment. */
WT_API bool wt_trust_add_logs(struct wt_trust *trust, const void *bytes, size_t length, enum wt_problem_id *why);
/* A name or address that servers' certificates must be for, whatever the clients asked for. */
WT_API bool wt_trust_set_host(struct wt_trust *trust, const char *host, enum wt_problem_id *why);

/* Judge at this time (seconds since 1970 UTC) rather than at that of the capture. */
WT_API void wt_trust_set_time(struct wt_trust *trust, int64_t seconds);
/* The time that was set; false when none was. */
WT_API bool wt_trust_time(const struct wt_trust *trust, int64_t *seconds);
/* Without the system's store: only what was added. */
WT_API void wt_trust_without_system(struct wt_trust *trust);

#ifdef __cplusplus
}
#endif
#endif
