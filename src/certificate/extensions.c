#include "certificate/extensions.h"

#include "codec/der_fields.h"
#include "codec/ext/ext.h"
#include "registry/limits.h"

void *wt_certificate_extension(const X509 *x, int nid)
{
    int at = X509_get_ext_by_NID(x, nid, -1);
    return at < 0 ? NULL : X509V3_EXT_d2i(X509_get_ext(x, at));
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

/* Room for n strings, at most the limit; a list that there is no memory for stays empty, and the arena says so. */
static const char **room(struct wt_printed *p, int n, size_t *most)
{
    *most = n < 0 ? 0 : (size_t)n < WT_LIMIT_CERTIFICATE_LIST ? (size_t)n : WT_LIMIT_CERTIFICATE_LIST;
    return *most ? wt_arena_alloc(p->arena, *most * sizeof(const char *)) : NULL;
}

/* An object's own short name where it has one in RFC 5280, else its number. */
static const char *oid(struct wt_printed *p, const ASN1_OBJECT *object)
{
    char dotted[128];
    int nid = OBJ_obj2nid(object);
    if (nid != NID_undef && OBJ_nid2sn(nid))
        return wt_printed_copy(p, wt_span_text(OBJ_nid2sn(nid)));
    if (OBJ_obj2txt(dotted, sizeof dotted, object, 1) <= 0)
        dotted[0] = '\0';
    return wt_printed_copy(p, wt_span_text(dotted));
}

/* "192.0.2.0/255.255.255.0": a constraint on addresses has a mask (RFC 5280, 4.2.1.10). */
static const char *network(struct wt_printed *p, const ASN1_STRING *s)
{
    int n = ASN1_STRING_length(s);
    ASN1_OCTET_STRING *half[2] = {NULL, NULL};
    const char *text[2] = {NULL, NULL};
    if (n != 8 && n != 32)
        return wt_printed_address(p, s);
    for (int i = 0; i < 2; i++) {
        half[i] = ASN1_OCTET_STRING_new();
        if (half[i] && ASN1_OCTET_STRING_set(half[i], ASN1_STRING_get0_data(s) + i * (n / 2), n / 2))
            text[i] = wt_printed_address(p, half[i]);
        ASN1_OCTET_STRING_free(half[i]);
    }
    p->text.n = 0;
    (void)wt_buffer_format(&p->text, "%s/%s", text[0] ? text[0] : "", text[1] ? text[1] : "");
    return wt_printed_keep(p);
}

/* "dns:example.com", as constraints need their kind: ".example.com" may be a host's or a mailbox's. */
static const char *constraint(struct wt_printed *p, const GENERAL_NAME *name)
{
    int type = 0;
    const void *value = GENERAL_NAME_get0_value(name, &type);
    const char *kind = type == GEN_DNS       ? "dns"
                       : type == GEN_EMAIL   ? "email"
                       : type == GEN_URI     ? "uri"
                       : type == GEN_IPADD   ? "ip"
                       : type == GEN_DIRNAME ? "directory"
                                             : "other";
    const char *text = type == GEN_DIRNAME                                       ? wt_printed_name(p, value)
                       : type == GEN_IPADD                                       ? network(p, value)
                       : type == GEN_DNS || type == GEN_EMAIL || type == GEN_URI ? wt_printed_string(p, value)
                                                                                 : "";
    p->text.n = 0;
    (void)wt_buffer_format(&p->text, "%s:%s", kind, text ? text : "");
    return wt_printed_keep(p);
}

/* --- one extension each ------------------------------------------------------------------------------------------- */

/* RFC 5280, 4.2.1.3: the names of the bits, from the first. */
static void key_usage(struct wt_printed *p, const X509 *x, struct wt_certificate_facts *f)
{
    ASN1_BIT_STRING *bits = wt_certificate_extension(x, NID_key_usage);
    size_t most = 0;
    int count = 0;
    while (wt_der_key_usage((unsigned)count))
        count++;
    const char **list = bits ? room(p, count, &most) : NULL;
    for (int i = 0; list && i < (int)most; i++)
        if (ASN1_BIT_STRING_get_bit(bits, i))
            list[f->key_usage.count++] = wt_der_key_usage((unsigned)i);
    f->key_usage.items = list;
    ASN1_BIT_STRING_free(bits);
}

static void extended_key_usage(struct wt_printed *p, const X509 *x, struct wt_certificate_facts *f)
{
    EXTENDED_KEY_USAGE *all = wt_certificate_extension(x, NID_ext_key_usage);
    size_t most = 0;
    const char **list = all ? room(p, sk_ASN1_OBJECT_num(all), &most) : NULL;
    for (size_t i = 0; list && i < most; i++)
        list[f->extended_key_usage.count++] = oid(p, sk_ASN1_OBJECT_value(all, (int)i));
    f->extended_key_usage.items = list;
    EXTENDED_KEY_USAGE_free(all);
}

static void basic(const X509 *x, struct wt_certificate_facts *f)
{
    BASIC_CONSTRAINTS *b = wt_certificate_extension(x, NID_basic_constraints);
    long length = b && b->pathlen ? ASN1_INTEGER_get(b->pathlen) : -1;
    /* Not X509_check_ca(), which works through every extension. */
    f->is_ca = b && b->ca;
    f->path_length = length > INT32_MAX ? INT32_MAX : length < 0 ? -1 : (int32_t)length;
    BASIC_CONSTRAINTS_free(b);
}

static void subtrees(struct wt_printed *p, STACK_OF(GENERAL_SUBTREE) * all, struct wt_text_list *out)
{
    size_t most = 0;
    const char **list = all ? room(p, sk_GENERAL_SUBTREE_num(all), &most) : NULL;
    for (size_t i = 0; list && i < most; i++)
        list[out->count++] = constraint(p, sk_GENERAL_SUBTREE_value(all, (int)i)->base);
    out->items = list;
}

static void name_constraints(struct wt_printed *p, const X509 *x, struct wt_certificate_facts *f)
{
    NAME_CONSTRAINTS *c = wt_certificate_extension(x, NID_name_constraints);
    if (c) {
        subtrees(p, c->permittedSubtrees, &f->permitted_names);
        subtrees(p, c->excludedSubtrees, &f->excluded_names);
    }
    NAME_CONSTRAINTS_free(c);
}

/* RFC 5280, 4.2.2.1: where to ask for the certificate's status, and where its issuer's certificate is. */
static void access(struct wt_printed *p, const X509 *x, int method, struct wt_text_list *out)
{
    AUTHORITY_INFO_ACCESS *all = wt_certificate_extension(x, NID_info_access);
    size_t most = 0;
    const char **list = all ? room(p, sk_ACCESS_DESCRIPTION_num(all), &most) : NULL;
    for (size_t i = 0; list && i < most; i++) {
        const ACCESS_DESCRIPTION *one = sk_ACCESS_DESCRIPTION_value(all, (int)i);
        if (OBJ_obj2nid(one->method) == method && one->location->type == GEN_URI)
            list[out->count++] = wt_printed_string(p, one->location->d.uniformResourceIdentifier);
    }
    out->items = list;
    AUTHORITY_INFO_ACCESS_free(all);
}

static void revocation_lists(struct wt_printed *p, const X509 *x, struct wt_certificate_facts *f)
{
    CRL_DIST_POINTS *all = wt_certificate_extension(x, NID_crl_distribution_points);
    size_t most = 0;
    const char **list = all ? room(p, WT_LIMIT_CERTIFICATE_LIST, &most) : NULL;
    for (int i = 0; list && i < sk_DIST_POINT_num(all); i++) {
        const DIST_POINT_NAME *name = sk_DIST_POINT_value(all, i)->distpoint;
        const GENERAL_NAMES *full = name && name->type == 0 ? name->name.fullname : NULL;
        for (int k = 0; full && k < sk_GENERAL_NAME_num(full) && f->crl_urls.count < most; k++) {
            const GENERAL_NAME *one = sk_GENERAL_NAME_value(full, k);
            if (one->type == GEN_URI)
                list[f->crl_urls.count++] = wt_printed_string(p, one->d.uniformResourceIdentifier);
        }
    }
    f->crl_urls.items = list;
    CRL_DIST_POINTS_free(all);
}

static void policies(struct wt_printed *p, const X509 *x, struct wt_certificate_facts *f)
{
    CERTIFICATEPOLICIES *all = wt_certificate_extension(x, NID_certificate_policies);
    size_t most = 0;
    char dotted[128];
    const char **list = all ? room(p, sk_POLICYINFO_num(all), &most) : NULL;
    for (size_t i = 0; list && i < most; i++) {
        if (OBJ_obj2txt(dotted, sizeof dotted, sk_POLICYINFO_value(all, (int)i)->policyid, 1) <= 0)
            dotted[0] = '\0';
        list[f->policies.count++] = wt_printed_copy(p, wt_span_text(dotted));
    }
    f->policies.items = list;
    CERTIFICATEPOLICIES_free(all);
}

static void key_ids(struct wt_printed *p, const X509 *x, struct wt_certificate_facts *f)
{
    ASN1_OCTET_STRING *own = wt_certificate_extension(x, NID_subject_key_identifier);
    AUTHORITY_KEYID *issuer = wt_certificate_extension(x, NID_authority_key_identifier);
    if (own)
        f->subject_key_id = wt_printed_hex(p, wt_span_of(ASN1_STRING_get0_data(own), (size_t)ASN1_STRING_length(own)));
    if (issuer && issuer->keyid)
        f->authority_key_id = wt_printed_hex(
            p, wt_span_of(ASN1_STRING_get0_data(issuer->keyid), (size_t)ASN1_STRING_length(issuer->keyid)));
    ASN1_OCTET_STRING_free(own);
    AUTHORITY_KEYID_free(issuer);
}

/* RFC 7633: status_request (5) in the TLS features makes a stapled OCSP response mandatory. */
static void must_staple(const X509 *x, struct wt_certificate_facts *f)
{
    TLS_FEATURE *all = wt_certificate_extension(x, NID_tlsfeature);
    for (int i = 0; all && i < sk_ASN1_INTEGER_num(all); i++)
        f->must_staple = f->must_staple || ASN1_INTEGER_get(sk_ASN1_INTEGER_value(all, i)) == WT_EXT_STATUS_REQUEST;
    TLS_FEATURE_free(all);
}

/* RFC 6962, 3.3: a list as TLS has it, in an OCTET STRING that is the extension's value. */
static void timestamps(struct wt_printed *p, const X509 *x, struct wt_certificate_facts *f)
{
    int at = X509_get_ext_by_NID(x, NID_ct_precert_scts, -1);
    const ASN1_OCTET_STRING *value = at < 0 ? NULL : X509_EXTENSION_get_data(X509_get_ext((X509 *)(uintptr_t)x, at));
    const uint8_t *der = value ? ASN1_STRING_get0_data(value) : NULL;
    ASN1_OCTET_STRING *inner = der ? d2i_ASN1_OCTET_STRING(NULL, &der, ASN1_STRING_length(value)) : NULL;
    if (!inner)
        return;
    struct wt_decode decode;
    struct wt_span bytes = wt_span_of(ASN1_STRING_get0_data(inner), (size_t)ASN1_STRING_length(inner));
    struct wt_reader r = wt_reader_start(&decode, bytes, NULL);
    struct wt_span rest = wt_ext_sct_list_read(&r), count = rest;
    struct wt_sct sct;
    size_t n = 0;
    while (n < WT_LIMIT_CERTIFICATE_LIST && wt_ext_sct_next(&count, &sct))
        n++;
    struct wt_certificate_sct *list = n ? wt_arena_alloc(p->arena, n * sizeof *list) : NULL;
    for (; list && f->sct_count < n && wt_ext_sct_next(&rest, &sct); f->sct_count++) {
        struct wt_certificate_sct *one = &list[f->sct_count];
        *one = (struct wt_certificate_sct){.version = sct.sct_version, .timestamp_ms = sct.timestamp};
        if (sct.id.n == sizeof one->log_id)
            memcpy(one->log_id, sct.id.p, sizeof one->log_id);
    }
    f->scts = list;
    ASN1_OCTET_STRING_free(inner);
}

void wt_certificate_extensions(struct wt_printed *p, const X509 *x, struct wt_certificate_facts *f)
{
    f->path_length = -1;
    if (X509_get_ext_count(x) <= 0)
        return;
    basic(x, f);
    key_usage(p, x, f);
    extended_key_usage(p, x, f);
    name_constraints(p, x, f);
    access(p, x, NID_ad_OCSP, &f->ocsp_urls);
    access(p, x, NID_ad_ca_issuers, &f->issuer_urls);
    revocation_lists(p, x, f);
    policies(p, x, f);
    key_ids(p, x, f);
    must_staple(x, f);
    timestamps(p, x, f);
}
