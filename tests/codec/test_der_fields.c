/* Certificates and OCSP answers for the trail: how deep their elements are followed. */
#include "codec/der_fields.h"

#include "base/buffer.h"
#include "registry/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* RFC 5280, 4.1: SubjectPublicKeyInfo ::= SEQUENCE { algorithm SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY
 * }, subjectPublicKey BIT STRING }, with `n` SEQUENCEs as its parameters, each in the one before. */
static size_t nested(uint8_t *out, unsigned n)
{
    static const uint8_t oid[] = {0x06, 0x03, 0x2a, 0x03, 0x04}, bits[] = {0x03, 0x02, 0x00, 0xff};
    size_t at = 0;
    out[at++] = 0x30;
    out[at++] = (uint8_t)(2 + sizeof oid + 2 * n + sizeof bits);
    out[at++] = 0x30;
    out[at++] = (uint8_t)(sizeof oid + 2 * n);
    memcpy(out + at, oid, sizeof oid);
    at += sizeof oid;
    for (unsigned i = n; i > 0; i--) {
        out[at++] = 0x30;
        out[at++] = (uint8_t)(2 * (i - 1));
    }
    memcpy(out + at, bits, sizeof bits);
    return at + sizeof bits;
}

static void test_depth(void **state)
{
    enum { ABOVE = 3 /* the key's info, its algorithm, its parameters */ };
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        uint8_t der[128];
        struct wt_trail_event events[64];
        struct wt_trail trail = {events, 0, 64, 0};
        struct wt_error error;
        const size_t n = nested(der, WT_LIMIT_DER_DEPTH - ABOVE + more);
        assert_int_equal(wt_der_fields_public_key(wt_span_of(der, n), &trail, &error), more ? WT_LIMIT : WT_OK);
        assert_string_equal(events[trail.n - 1].field, more ? "SEQUENCE" : "subjectPublicKey");
        assert_true(!more || error.bound == WT_LIMIT_DER_DEPTH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
