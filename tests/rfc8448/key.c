#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "key.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

EVP_PKEY *trace_rsa_key(struct trace_step *step)
{
    static const struct {
        const char *name, *param;
    } parts[TRACE_FIELDS] = {
        {"modulus", OSSL_PKEY_PARAM_RSA_N},           {"public_exponent", OSSL_PKEY_PARAM_RSA_E},
        {"private_exponent", OSSL_PKEY_PARAM_RSA_D},  {"prime1", OSSL_PKEY_PARAM_RSA_FACTOR1},
        {"prime2", OSSL_PKEY_PARAM_RSA_FACTOR2},      {"exponent1", OSSL_PKEY_PARAM_RSA_EXPONENT1},
        {"exponent2", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"coefficient", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    };
    BIGNUM *numbers[TRACE_FIELDS];
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    for (size_t i = 0; i < TRACE_FIELDS; i++) {
        struct trace_field *field = trace_field(step, parts[i].name);
        assert_non_null(field);
        field->used = true;
        numbers[i] = BN_bin2bn(field->bytes.p, (int)field->bytes.n, NULL);
        assert_int_equal(OSSL_PARAM_BLD_push_BN(build, parts[i].param, numbers[i]), 1);
    }
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params), 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    for (size_t i = 0; i < TRACE_FIELDS; i++)
        BN_free(numbers[i]);
    return key;
}
