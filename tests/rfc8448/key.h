/* The RSA key of section 2. */
#ifndef WT_TESTS_RFC8448_KEY_H
#define WT_TESTS_RFC8448_KEY_H

#include <openssl/evp.h>

#include "trace.h"

/* Of the file's one paragraph; the caller's to free. Its values count as used. */
EVP_PKEY *trace_rsa_key(struct trace_step *step);

#endif
