/* The tables themselves: sorted and unique (the lookups search by halves), complete, in plain ASCII. */
#include "registry/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct row {
    uint64_t registry, value;
    const char *name, *rfc;
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct row content_types[] = {
#define WT_ROW(value, id, name, rfc) {WT_REG_CONTENT_TYPE, value, name, rfc},
#include "registry/content_types.def"
#undef WT_ROW
};
static const struct row handshake_types[] = {
#define WT_ROW(value, id, name, rfc) {WT_REG_HANDSHAKE_TYPE, value, name, rfc},
#include "registry/handshake_types.def"
#undef WT_ROW
};
static const struct row alerts[] = {
#define WT_ROW(value, id, name, rfc) {WT_REG_ALERT, value, name, rfc},
#include "registry/alerts.def"
#undef WT_ROW
};
static const struct row versions[] = {
#define WT_VERSION(value, name, rfc) {WT_REG_VERSION, value, name, rfc},
#include "registry/versions.def"
#undef WT_VERSION
};
static const struct row extensions[] = {
#define WT_EXT(value, id, name, where, rfc) {WT_REG_EXTENSION, value, name, rfc},
#include "registry/extensions.def"
#undef WT_EXT
};
static const struct row groups[] = {
#define WT_GROUP(value, id, name, kind, bits, openssl, rfc) {WT_REG_GROUP, value, name, rfc},
#include "registry/groups.def"
#undef WT_GROUP
};
static const struct row schemes[] = {
#define WT_SCHEME(value, id, name, key, hash, padding, rfc) {WT_REG_SIGNATURE_SCHEME, value, name, rfc},
#include "registry/signature_schemes.def"
#undef WT_SCHEME
};
static const struct row suites[] = {
#define WT_SUITE(value, name, kx, auth, cipher, mac, prf, recommended, rfc) {WT_REG_CIPHER_SUITE, value, name, rfc},
#define WT_SCSV(value, name, rfc) {WT_REG_CIPHER_SUITE, value, name, rfc},
#include "registry/cipher_suites.def"
#undef WT_SUITE
#undef WT_SCSV
};
static const struct row ssl2_ciphers[] = {
#define WT_SSL2(value, name, cipher, key, clear, rfc) {WT_REG_SSL2_CIPHER, value, name, rfc},
#include "registry/ssl2_ciphers.def"
#undef WT_SSL2
};
static const struct row small[] = {
#define WT_SMALL(registry, value, name, rfc) {WT_REG_##registry, value, name, rfc},
#include "registry/small_registries.def"
#undef WT_SMALL
};

static const struct row qpack[] = {
#define WT_QPACK_STATIC(index, name, value) {WT_REG_QPACK_STATIC, index, name ": " value, "RFC 9204, appendix A"},
#include "registry/qpack_static.def"
#undef WT_QPACK_STATIC
#define WT_QPACK_STATIC(index, name, value) {WT_REG_QPACK_STATIC_NAME, index, name, "RFC 9204, appendix A"},
#include "registry/qpack_static.def"
#undef WT_QPACK_STATIC
};

static const struct {
    const struct row *rows;
    size_t count;
} tables[] = {
    {content_types, COUNT(content_types)},
    {handshake_types, COUNT(handshake_types)},
    {alerts, COUNT(alerts)},
    {versions, COUNT(versions)},
    {extensions, COUNT(extensions)},
    {groups, COUNT(groups)},
    {schemes, COUNT(schemes)},
    {suites, COUNT(suites)},
    {ssl2_ciphers, COUNT(ssl2_ciphers)},
    {small, COUNT(small)},
    {qpack, COUNT(qpack)},
};

static void test_sorted_and_unique(void **state)
{
    (void)state;
    for (size_t t = 0; t < COUNT(tables); t++) {
        for (size_t i = 1; i < tables[t].count; i++) {
            const struct row *a = &tables[t].rows[i - 1], *b = &tables[t].rows[i];
            if (a->registry > b->registry || (a->registry == b->registry && a->value >= b->value)) {
                fail_msg("%s stands before %s", a->name, b->name);
            }
        }
    }
}

static void test_plain_text(void **state)
{
    (void)state;
    for (size_t t = 0; t < COUNT(tables); t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            const struct row *row = &tables[t].rows[i];
            assert_true(row->name[0] != '\0' && row->rfc[0] != '\0');
            for (const char *c = row->name; *c != '\0'; c++) {
                assert_in_range(*c, ' ', '~');
            }
            for (const char *c = row->rfc; *c != '\0'; c++) {
                assert_in_range(*c, ' ', '~');
            }
        }
    }
}

/* Each row is found, under its own name and source, by the public way, and fits its registry's width. */
static void test_every_row_is_found(void **state)
{
    (void)state;
    for (size_t t = 0; t < COUNT(tables); t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            const struct row *row = &tables[t].rows[i];
            enum wt_registry registry = (enum wt_registry)row->registry;
            const char *name = wt_registry_name(registry, row->value);
            assert_non_null(name);
            assert_string_equal(name, row->name);
            assert_string_equal(wt_registry_rfc(registry, row->value), row->rfc);
            unsigned width = wt_registry_width(registry);
            assert_true(width == 0 || row->value >> (8 * width) == 0);
        }
    }
}

/* Within one registry two code points share a name only where two numbers truly mean the same thing. */
static void test_names_are_unique(void **state)
{
    static const char *const shared[] = {"application_settings", "padding"};
    (void)state;
    for (size_t t = 0; t < COUNT(tables); t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            for (size_t j = i + 1; j < tables[t].count; j++) {
                const struct row *a = &tables[t].rows[i], *b = &tables[t].rows[j];
                bool allowed = a->registry != b->registry || strcmp(a->name, b->name) != 0 ||
                               a->registry == WT_REG_QPACK_STATIC_NAME;
                for (size_t s = 0; s < COUNT(shared); s++) {
                    allowed = allowed || strcmp(a->name, shared[s]) == 0;
                }
                if (!allowed) {
                    fail_msg("%s twice", a->name);
                }
            }
        }
    }
}

static void test_every_registry_has_rows(void **state)
{
    (void)state;
    size_t seen[WT_REG_COUNT] = {0};
    for (size_t t = 0; t < COUNT(tables); t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            seen[tables[t].rows[i].registry]++;
        }
    }
    for (size_t registry = WT_REG_NONE + 1; registry < WT_REG_COUNT; registry++) {
        if (seen[registry] == 0) {
            fail_msg("registry %zu has no rows", registry);
        }
    }
}

/* Nothing is found that has no row: the whole space of each two-byte registry agrees with its table. */
static void test_nothing_else_is_found(void **state)
{
    (void)state;
    for (size_t t = 0; t < COUNT(tables); t++) {
        enum wt_registry registry = (enum wt_registry)tables[t].rows[0].registry;
        if (wt_registry_width(registry) != 2 || registry == WT_REG_VERSION || tables[t].rows == small) {
            continue;
        }
        size_t found = 0;
        for (uint32_t value = 0; value <= UINT16_MAX; value++) {
            found += wt_registry_name(registry, value) != NULL;
        }
        assert_int_equal(found, tables[t].count + 16); /* GREASE */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorted_and_unique),       cmocka_unit_test(test_plain_text),
        cmocka_unit_test(test_every_row_is_found),      cmocka_unit_test(test_names_are_unique),
        cmocka_unit_test(test_every_registry_has_rows), cmocka_unit_test(test_nothing_else_is_found),
    };
    return cmocka_run_group_tests_name("registry tables", tests, NULL, NULL);
}
