/* One walker over tables that spell ASN.1's structures. */
#include "codec/der_fields.h"

#include "base/der.h"
#include "codec/ext/ext.h"
#include "registry/limits.h"

enum {
    OPTIONAL = 1,
    EXPLICIT = 2, /* a tag around the element, which is the first of `inside` */
    OF = 4,       /* SEQUENCE OF, SET OF: elements of the first of `inside` */
    CHOICE = 8,   /* one of `inside`, under its own name */
    HOLDS = 16,   /* an OCTET STRING whose contents are the first of `inside`, in DER */
    ANY = 32,
    VALUE = 64, /* an extension's value: what it holds follows from the OID before it */
};

/* An element: its name, the identifier byte that it has, and the universal one whose form its contents have. */
struct node {
    const char *name;
    uint8_t tag, type, flags;
    const struct node *inside;
};

#define SEQ WT_DER_SEQUENCE
#define PRIMITIVE(n) (WT_DER_CONTEXT | (n))
#define CONSTRUCTED(n) (WT_DER_CONTEXT | WT_DER_CONSTRUCTED | (n))
#define LEAF(name, type, flags)                                                                                        \
    {                                                                                                                  \
        name, type, type, flags, NULL                                                                                  \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        NULL, 0, 0, 0, NULL                                                                                            \
    }

/* --- RFC 5280, 4.1 -------------------------------------------------------------------------------------------------
 */

static const struct node algorithm[] = {
    LEAF("algorithm", WT_DER_OID, 0), {"parameters", 0, 0, ANY | OPTIONAL, NULL}, END};
static const struct node attribute[] = {LEAF("type", WT_DER_OID, 0), {"value", 0, 0, ANY, NULL}, END};
static const struct node attributes[] = {{"AttributeTypeAndValue", SEQ, SEQ, 0, attribute}, END};
static const struct node names[] = {{"RelativeDistinguishedName", WT_DER_SET, WT_DER_SET, OF, attributes}, END};
static const struct node not_before[] = {LEAF("notBefore", WT_DER_UTC_TIME, 0),
                                         LEAF("notBefore", WT_DER_GENERALIZED_TIME, 0), END};
static const struct node not_after[] = {LEAF("notAfter", WT_DER_UTC_TIME, 0),
                                        LEAF("notAfter", WT_DER_GENERALIZED_TIME, 0), END};
static const struct node validity[] = {
    {"notBefore", 0, 0, CHOICE, not_before}, {"notAfter", 0, 0, CHOICE, not_after}, END};
static const struct node public_key[] = {
    {"algorithm", SEQ, SEQ, 0, algorithm}, LEAF("subjectPublicKey", WT_DER_BIT_STRING, 0), END};
static const struct node extension[] = {LEAF("extnID", WT_DER_OID, 0),
                                        LEAF("critical", WT_DER_BOOLEAN, OPTIONAL),
                                        {"extnValue", WT_DER_OCTET_STRING, WT_DER_OCTET_STRING, VALUE, NULL},
                                        END};
static const struct node extensions[] = {{"Extension", SEQ, SEQ, 0, extension}, END};
static const struct node extension_list[] = {{"extensions", SEQ, SEQ, OF, extensions}, END};
static const struct node version[] = {LEAF("version", WT_DER_INTEGER, 0), END};
static const struct node tbs_certificate[] = {{"version", CONSTRUCTED(0), 0, EXPLICIT | OPTIONAL, version},
                                              LEAF("serialNumber", WT_DER_INTEGER, 0),
                                              {"signature", SEQ, SEQ, 0, algorithm},
                                              {"issuer", SEQ, SEQ, OF, names},
                                              {"validity", SEQ, SEQ, 0, validity},
                                              {"subject", SEQ, SEQ, OF, names},
                                              {"subjectPublicKeyInfo", SEQ, SEQ, 0, public_key},
                                              {"issuerUniqueID", PRIMITIVE(1), WT_DER_BIT_STRING, OPTIONAL, NULL},
                                              {"subjectUniqueID", PRIMITIVE(2), WT_DER_BIT_STRING, OPTIONAL, NULL},
                                              {"extensions", CONSTRUCTED(3), 0, EXPLICIT | OPTIONAL, extension_list},
                                              END};
static const struct node certificate[] = {{"tbsCertificate", SEQ, SEQ, 0, tbs_certificate},
                                          {"signatureAlgorithm", SEQ, SEQ, 0, algorithm},
                                          LEAF("signatureValue", WT_DER_BIT_STRING, 0),
                                          END};
static const struct node public_key_root[] = {{"SubjectPublicKeyInfo", SEQ, SEQ, 0, public_key}, END};
static const struct node certificate_root[] = {{"Certificate", SEQ, SEQ, 0, certificate}, END};

/* --- extensions: RFC 5280, 4.2, and others ---------------------------------------------------------------------------
 */

static const struct node name_root[] = {{"rdnSequence", SEQ, SEQ, OF, names}, END};
static const struct node any_value[] = {{"value", 0, 0, ANY, NULL}, END};
static const struct node other_name[] = {
    LEAF("type-id", WT_DER_OID, 0), {"value", CONSTRUCTED(0), 0, EXPLICIT, any_value}, END};
static const struct node general_name[] = {{"otherName", CONSTRUCTED(0), SEQ, 0, other_name},
                                           {"rfc822Name", PRIMITIVE(1), WT_DER_IA5, 0, NULL},
                                           {"dNSName", PRIMITIVE(2), WT_DER_IA5, 0, NULL},
                                           {"x400Address", CONSTRUCTED(3), 0, ANY, NULL},
                                           {"directoryName", CONSTRUCTED(4), 0, EXPLICIT, name_root},
                                           {"ediPartyName", CONSTRUCTED(5), 0, ANY, NULL},
                                           {"uniformResourceIdentifier", PRIMITIVE(6), WT_DER_IA5, 0, NULL},
                                           {"iPAddress", PRIMITIVE(7), WT_DER_OCTET_STRING, 0, NULL},
                                           {"registeredID", PRIMITIVE(8), WT_DER_OID, 0, NULL},
                                           END};
static const struct node general_names[] = {{"GeneralName", 0, 0, CHOICE, general_name}, END};
static const struct node subtree[] = {{"base", 0, 0, CHOICE, general_name},
                                      {"minimum", PRIMITIVE(0), WT_DER_INTEGER, OPTIONAL, NULL},
                                      {"maximum", PRIMITIVE(1), WT_DER_INTEGER, OPTIONAL, NULL},
                                      END};
static const struct node subtrees[] = {{"GeneralSubtree", SEQ, SEQ, 0, subtree}, END};
static const struct node constraints[] = {{"permittedSubtrees", CONSTRUCTED(0), SEQ, OF | OPTIONAL, subtrees},
                                          {"excludedSubtrees", CONSTRUCTED(1), SEQ, OF | OPTIONAL, subtrees},
                                          END};
static const struct node basic[] = {LEAF("cA", WT_DER_BOOLEAN, OPTIONAL),
                                    LEAF("pathLenConstraint", WT_DER_INTEGER, OPTIONAL), END};
static const struct node point_name[] = {{"fullName", CONSTRUCTED(0), SEQ, OF, general_names},
                                         {"nameRelativeToCRLIssuer", CONSTRUCTED(1), WT_DER_SET, OF, attributes},
                                         END};
static const struct node point_choice[] = {{"distributionPoint", 0, 0, CHOICE, point_name}, END};
static const struct node point[] = {{"distributionPoint", CONSTRUCTED(0), 0, EXPLICIT | OPTIONAL, point_choice},
                                    {"reasons", PRIMITIVE(1), WT_DER_BIT_STRING, OPTIONAL, NULL},
                                    {"cRLIssuer", CONSTRUCTED(2), SEQ, OF | OPTIONAL, general_names},
                                    END};
static const struct node points[] = {{"DistributionPoint", SEQ, SEQ, 0, point}, END};
static const struct node qualifier[] = {LEAF("policyQualifierId", WT_DER_OID, 0), {"qualifier", 0, 0, ANY, NULL}, END};
static const struct node qualifiers[] = {{"PolicyQualifierInfo", SEQ, SEQ, 0, qualifier}, END};
static const struct node policy[] = {
    LEAF("policyIdentifier", WT_DER_OID, 0), {"policyQualifiers", SEQ, SEQ, OF | OPTIONAL, qualifiers}, END};
static const struct node policies[] = {{"PolicyInformation", SEQ, SEQ, 0, policy}, END};
static const struct node authority_key[] = {{"keyIdentifier", PRIMITIVE(0), WT_DER_OCTET_STRING, OPTIONAL, NULL},
                                            {"authorityCertIssuer", CONSTRUCTED(1), SEQ, OF | OPTIONAL, general_names},
                                            {"authorityCertSerialNumber", PRIMITIVE(2), WT_DER_INTEGER, OPTIONAL, NULL},
                                            END};
static const struct node purposes[] = {LEAF("KeyPurposeId", WT_DER_OID, 0), END};
static const struct node access[] = {
    LEAF("accessMethod", WT_DER_OID, 0), {"accessLocation", 0, 0, CHOICE, general_name}, END};
static const struct node accesses[] = {{"AccessDescription", SEQ, SEQ, 0, access}, END};
static const struct node features[] = {LEAF("TLSFeature", WT_DER_INTEGER, 0), END};

/* What an extension's value is, by its OID. */
static const struct {
    const char *oid; /* its contents' bytes */
    uint8_t n;
    struct node value;
} values[] = {
    {"\x55\x1d\x0e", 3, LEAF("subjectKeyIdentifier", WT_DER_OCTET_STRING, 0)},
    {"\x55\x1d\x0f", 3, LEAF("keyUsage", WT_DER_BIT_STRING, 0)},
    {"\x55\x1d\x11", 3, {"subjectAltName", SEQ, SEQ, OF, general_names}},
    {"\x55\x1d\x12", 3, {"issuerAltName", SEQ, SEQ, OF, general_names}},
    {"\x55\x1d\x13", 3, {"basicConstraints", SEQ, SEQ, 0, basic}},
    {"\x55\x1d\x1e", 3, {"nameConstraints", SEQ, SEQ, 0, constraints}},
    {"\x55\x1d\x1f", 3, {"cRLDistributionPoints", SEQ, SEQ, OF, points}},
    {"\x55\x1d\x20", 3, {"certificatePolicies", SEQ, SEQ, OF, policies}},
    {"\x55\x1d\x23", 3, {"authorityKeyIdentifier", SEQ, SEQ, 0, authority_key}},
    {"\x55\x1d\x25", 3, {"extKeyUsage", SEQ, SEQ, OF, purposes}},
    {"\x2b\x06\x01\x05\x05\x07\x01\x01", 8, {"authorityInfoAccess", SEQ, SEQ, OF, accesses}},
    {"\x2b\x06\x01\x05\x05\x07\x01\x18", 8, {"tlsFeature", SEQ, SEQ, OF, features}},
    {"\x2b\x06\x01\x05\x05\x07\x30\x01\x02", 9, LEAF("Nonce", WT_DER_OCTET_STRING, 0)},
};

/* RFC 6962, 3.3: in certificates, and in OCSP answers. */
static bool is_scts(struct wt_span oid)
{
    static const uint8_t prefix[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04};
    return oid.n == sizeof prefix + 1 && memcmp(oid.p, prefix, sizeof prefix) == 0 &&
           (oid.p[sizeof prefix] == 2 || oid.p[sizeof prefix] == 5);
}

/* --- RFC 6960, 4.2.1 -------------------------------------------------------------------------------------------------
 */

static const struct node cert_id[] = {{"hashAlgorithm", SEQ, SEQ, 0, algorithm},
                                      LEAF("issuerNameHash", WT_DER_OCTET_STRING, 0),
                                      LEAF("issuerKeyHash", WT_DER_OCTET_STRING, 0),
                                      LEAF("serialNumber", WT_DER_INTEGER, 0),
                                      END};
static const struct node reason[] = {LEAF("revocationReason", WT_DER_ENUMERATED, 0), END};
static const struct node revoked[] = {LEAF("revocationTime", WT_DER_GENERALIZED_TIME, 0),
                                      {"revocationReason", CONSTRUCTED(0), 0, EXPLICIT | OPTIONAL, reason},
                                      END};
static const struct node status[] = {{"good", PRIMITIVE(0), WT_DER_NULL, 0, NULL},
                                     {"revoked", CONSTRUCTED(1), SEQ, 0, revoked},
                                     {"unknown", PRIMITIVE(2), WT_DER_NULL, 0, NULL},
                                     END};
static const struct node next_update[] = {LEAF("nextUpdate", WT_DER_GENERALIZED_TIME, 0), END};
static const struct node single_extensions[] = {{"singleExtensions", SEQ, SEQ, OF, extensions}, END};
static const struct node single[] = {{"certID", SEQ, SEQ, 0, cert_id},
                                     {"certStatus", 0, 0, CHOICE, status},
                                     LEAF("thisUpdate", WT_DER_GENERALIZED_TIME, 0),
                                     {"nextUpdate", CONSTRUCTED(0), 0, EXPLICIT | OPTIONAL, next_update},
                                     {"singleExtensions", CONSTRUCTED(1), 0, EXPLICIT | OPTIONAL, single_extensions},
                                     END};
static const struct node singles[] = {{"SingleResponse", SEQ, SEQ, 0, single}, END};
static const struct node by_name[] = {{"byName", SEQ, SEQ, OF, names}, END};
static const struct node by_key[] = {LEAF("byKey", WT_DER_OCTET_STRING, 0), END};
static const struct node responder[] = {
    {"byName", CONSTRUCTED(1), 0, EXPLICIT, by_name}, {"byKey", CONSTRUCTED(2), 0, EXPLICIT, by_key}, END};
static const struct node response_extensions[] = {{"responseExtensions", SEQ, SEQ, OF, extensions}, END};
static const struct node response_data[] = {
    {"version", CONSTRUCTED(0), 0, EXPLICIT | OPTIONAL, version},
    {"responderID", 0, 0, CHOICE, responder},
    LEAF("producedAt", WT_DER_GENERALIZED_TIME, 0),
    {"responses", SEQ, SEQ, OF, singles},
    {"responseExtensions", CONSTRUCTED(1), 0, EXPLICIT | OPTIONAL, response_extensions},
    END};
static const struct node certs[] = {{"certs", SEQ, SEQ, OF, certificate_root}, END};
static const struct node basic_response[] = {{"tbsResponseData", SEQ, SEQ, 0, response_data},
                                             {"signatureAlgorithm", SEQ, SEQ, 0, algorithm},
                                             LEAF("signature", WT_DER_BIT_STRING, 0),
                                             {"certs", CONSTRUCTED(0), 0, EXPLICIT | OPTIONAL, certs},
                                             END};
static const struct node basic_root[] = {{"BasicOCSPResponse", SEQ, SEQ, 0, basic_response}, END};
static const struct node response_bytes[] = {LEAF("responseType", WT_DER_OID, 0),
                                             {"response", WT_DER_OCTET_STRING, WT_DER_OCTET_STRING, HOLDS, basic_root},
                                             END};
static const struct node response_bytes_root[] = {{"responseBytes", SEQ, SEQ, 0, response_bytes}, END};
static const struct node ocsp_response[] = {
    LEAF("responseStatus", WT_DER_ENUMERATED, 0),
    {"responseBytes", CONSTRUCTED(0), 0, EXPLICIT | OPTIONAL, response_bytes_root},
    END};
static const struct node ocsp_root[] = {{"OCSPResponse", SEQ, SEQ, 0, ocsp_response}, END};

/* --- the walker ----------------------------------------------------------------------------------------------------
 */

/* The OID that was read last among the elements of one SEQUENCE says what an extension's value is. */
struct walk {
    struct wt_span oid;
    unsigned depth;
};

static void element(struct wt_reader *r, struct walk *w, const struct node *n, const struct wt_der *d);

/* The alternative that the tag chooses, or NULL. */
static const struct node *chosen(const struct node *n, uint8_t tag)
{
    for (const struct node *one = n->inside; one->name; one++)
        if (one->tag == tag)
            return one;
    return NULL;
}

static bool fits(const struct node *n, uint8_t tag)
{
    if (n->flags & CHOICE)
        return chosen(n, tag) != NULL;
    return (n->flags & ANY && !n->tag) || n->tag == tag;
}

/* The elements of a SEQUENCE, in the table's order. */
static void elements(struct wt_reader *r, struct walk *w, const struct node *n, const char *outer)
{
    struct wt_der d;
    for (; n->name && wt_reader_ok(r); n++) {
        if (!wt_reader_left(r) && n->flags & OPTIONAL)
            continue;
        if (!wt_der_peek(r, n->name, &d))
            return;
        if (fits(n, d.tag))
            element(r, w, n, &d);
        else if (!(n->flags & OPTIONAL))
            wt_reader_fail(r, WT_VALUE, n->name, d.tag, n->tag, "ASN.1: another element is expected here");
    }
    if (wt_reader_ok(r))
        (void)wt_reader_close(r, outer);
}

static void each(struct wt_reader *r, struct walk *w, const struct node *n)
{
    struct wt_der d;
    while (wt_reader_ok(r) && wt_reader_left(r) && wt_der_peek(r, n->name, &d)) {
        if (fits(n, d.tag))
            element(r, w, n, &d);
        else
            wt_reader_fail(r, WT_VALUE, n->name, d.tag, n->tag, "ASN.1: another element is expected here");
    }
}

static unsigned form_of(uint8_t type)
{
    switch (type) {
    case WT_DER_OID:
        return WT_TRAIL_OID;
    case WT_DER_UTF8:
    case WT_DER_PRINTABLE:
    case WT_DER_T61:
    case WT_DER_IA5:
    case WT_DER_VISIBLE:
    case WT_DER_UTC_TIME:
    case WT_DER_GENERALIZED_TIME:
        return WT_TRAIL_TEXT;
    default:
        return WT_TRAIL_BYTES;
    }
}

/* BOOLEAN, ENUMERATED, and an INTEGER that eight bytes hold and that is not negative. */
static bool number(const struct wt_reader *r, uint8_t type, const struct wt_der *d, uint64_t *value)
{
    if ((type != WT_DER_INTEGER && type != WT_DER_ENUMERATED && type != WT_DER_BOOLEAN) || d->n == 0 || d->n > 8 ||
        (type == WT_DER_INTEGER && r->p[d->head] & 0x80))
        return false;
    *value = 0;
    for (size_t i = 0; i < d->n; i++)
        *value = *value << 8 | r->p[d->head + i];
    return true;
}

static void leaf(struct wt_reader *r, struct walk *w, const char *name, uint8_t type, const struct wt_der *d)
{
    uint64_t value = 0;
    if (number(r, type, d, &value)) {
        (void)wt_der_take(r, name, d, 0, WT_TRAIL_NUMBER, value);
    } else if (type == WT_DER_BIT_STRING && d->n) {
        (void)wt_der_take(r, name, d, 1, WT_TRAIL_BYTES, 0);
    } else {
        struct wt_span s = wt_der_take(r, name, d, 0, form_of(type), 0);
        if (type == WT_DER_OID)
            w->oid = s;
    }
}

static const char *type_name(uint8_t tag)
{
    static const struct {
        uint8_t tag;
        const char *name;
    } rows[] = {{WT_DER_BOOLEAN, "BOOLEAN"},
                {WT_DER_INTEGER, "INTEGER"},
                {WT_DER_BIT_STRING, "BIT STRING"},
                {WT_DER_OCTET_STRING, "OCTET STRING"},
                {WT_DER_NULL, "NULL"},
                {WT_DER_OID, "OBJECT IDENTIFIER"},
                {WT_DER_ENUMERATED, "ENUMERATED"},
                {WT_DER_UTF8, "UTF8String"},
                {WT_DER_PRINTABLE, "PrintableString"},
                {WT_DER_T61, "TeletexString"},
                {WT_DER_IA5, "IA5String"},
                {WT_DER_UTC_TIME, "UTCTime"},
                {WT_DER_GENERALIZED_TIME, "GeneralizedTime"},
                {WT_DER_VISIBLE, "VisibleString"},
                {WT_DER_UNIVERSAL, "UniversalString"},
                {WT_DER_BMP, "BMPString"},
                {WT_DER_SEQUENCE, "SEQUENCE"},
                {WT_DER_SET, "SET"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].tag == tag)
            return rows[i].name;
    return "element";
}

/* What no table spells: by its types alone. */
static void any(struct wt_reader *r, struct walk *w, const char *name, const struct wt_der *d)
{
    struct wt_der inner;
    if (!(d->tag & WT_DER_CONSTRUCTED)) {
        leaf(r, w, name, d->tag, d);
        return;
    }
    if (w->depth >= WT_LIMIT_DER_DEPTH) {
        wt_reader_fail(r, WT_LIMIT, name, w->depth, WT_LIMIT_DER_DEPTH, NULL);
        return;
    }
    w->depth++;
    struct wt_reader in = wt_der_enter(r, name, d, WT_TRAIL_STRUCT, false);
    while (wt_reader_ok(&in) && wt_reader_left(&in) && wt_der_peek(&in, name, &inner))
        any(&in, w, type_name(inner.tag), &inner);
    w->depth--;
}

/* An extension's value, or what else an OCTET STRING holds in DER. */
static void held(struct wt_reader *r, struct walk *w, const struct node *n, const struct wt_der *d)
{
    static const struct node nothing[] = {END};
    struct node value[2] = {{0}, END};
    const struct node *inside = n->inside ? n->inside : nothing;
    bool scts = n->flags & VALUE && is_scts(w->oid);
    for (size_t i = 0; n->flags & VALUE && i < sizeof values / sizeof *values; i++)
        if (w->oid.p && w->oid.n == values[i].n && memcmp(w->oid.p, values[i].oid, values[i].n) == 0) {
            value[0] = values[i].value;
            inside = value;
        }
    if (!inside->name && !scts) {
        (void)wt_der_take(r, n->name, d, 0, WT_TRAIL_BYTES, 0);
        return;
    }
    struct wt_reader in = wt_der_enter(r, n->name, d, WT_TRAIL_STRUCT, false);
    if (!scts) {
        elements(&in, w, inside, n->name);
        return;
    }
    struct wt_der string;
    if (!wt_der_peek(&in, "SignedCertificateTimestampList", &string))
        return;
    struct wt_reader list = wt_der_enter(&in, "SignedCertificateTimestampList", &string, WT_TRAIL_STRUCT, false);
    (void)wt_ext_sct_list_read(&list);
    if (wt_reader_ok(&list))
        (void)wt_reader_close(&list, "SignedCertificateTimestampList");
}

/* The tag around an element is no field of its own: its bytes are the first of that element's head. */
static void tagged(struct wt_reader *r, struct walk *w, const struct node *n, const struct wt_der *d)
{
    struct wt_trail *trail = r->decode->trail;
    size_t first = trail ? trail->n : 0;
    struct wt_reader in = wt_der_enter(r, n->name, d, WT_TRAIL_STRUCT, true);
    elements(&in, w, n->inside, n->name);
    if (trail && trail->n > first)
        trail->events[first].prefix = (uint8_t)(trail->events[first].prefix + d->head);
}

static void element(struct wt_reader *r, struct walk *w, const struct node *n, const struct wt_der *d)
{
    if (w->depth >= WT_LIMIT_DER_DEPTH) {
        wt_reader_fail(r, WT_LIMIT, n->name, w->depth, WT_LIMIT_DER_DEPTH, NULL);
        return;
    }
    w->depth++;
    if (n->flags & CHOICE) {
        element(r, w, chosen(n, d->tag), d);
    } else if (n->flags & EXPLICIT) {
        tagged(r, w, n, d);
    } else if (n->flags & ANY) {
        any(r, w, n->name, d);
    } else if (n->flags & (HOLDS | VALUE)) {
        held(r, w, n, d);
    } else if (n->flags & OF) {
        struct wt_reader in = wt_der_enter(r, n->name, d, WT_TRAIL_LIST, false);
        each(&in, w, n->inside);
    } else if (n->inside) {
        struct wt_reader in = wt_der_enter(r, n->name, d, WT_TRAIL_STRUCT, false);
        w->oid = (struct wt_span){0};
        elements(&in, w, n->inside, n->name);
    } else {
        leaf(r, w, n->name, n->type, d);
    }
    w->depth--;
}

static enum wt_code fields_of(const struct node *root, struct wt_span der, struct wt_trail *trail,
                              struct wt_error *error)
{
    struct wt_decode decode;
    struct walk w = {0};
    struct wt_reader r = wt_reader_start(&decode, der, trail);
    elements(&r, &w, root, root->name);
    *error = decode.error;
    return error->code;
}

enum wt_code wt_der_fields_certificate(struct wt_span der, struct wt_trail *trail, struct wt_error *error)
{
    return fields_of(certificate_root, der, trail, error);
}

enum wt_code wt_der_fields_public_key(struct wt_span der, struct wt_trail *trail, struct wt_error *error)
{
    return fields_of(public_key_root, der, trail, error);
}

enum wt_code wt_der_fields_name(struct wt_span der, struct wt_trail *trail, struct wt_error *error)
{
    return fields_of(name_root, der, trail, error);
}

const char *wt_der_key_usage(unsigned bit)
{
    static const char *const bits[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                       "dataEncipherment", "keyAgreement",   "keyCertSign",
                                       "cRLSign",          "encipherOnly",   "decipherOnly"};
    return bit < sizeof bits / sizeof *bits ? bits[bit] : NULL;
}

enum wt_code wt_der_fields_ocsp(struct wt_span der, struct wt_trail *trail, struct wt_error *error)
{
    return fields_of(ocsp_root, der, trail, error);
}

enum wt_code wt_der_fields_scts(struct wt_span list, struct wt_trail *trail, struct wt_error *error)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, list, trail);
    (void)wt_ext_sct_list_read(&r);
    if (wt_reader_ok(&r))
        (void)wt_reader_close(&r, "SignedCertificateTimestampList");
    *error = decode.error;
    return error->code;
}
