/* What depends on the version of QUIC: the keys of Initial packets and of the Retry's tag, labels, packet types. All of
 * it stands in quic_versions.def. */
#ifndef WT_REGISTRY_QUIC_H
#define WT_REGISTRY_QUIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Version Negotiation: no version, but what stands in its place (RFC 9000, 17.2.1). */
#define WT_QUIC_NEGOTIATION 0u

/* Packets by what is done with them. The long ones have the numbers that version 1 gives them (RFC 9000, 17.2). */
enum wt_quic_packet {
    WT_QUIC_INITIAL,
    WT_QUIC_0RTT,
    WT_QUIC_HANDSHAKE,
    WT_QUIC_RETRY,
    WT_QUIC_1RTT,
    WT_QUIC_VERSION_NEGOTIATION,
    WT_QUIC_PACKETS
};

struct wt_quic_version {
    uint32_t number;
    const char *name;
    const uint8_t *initial_salt;            /* WT_QUIC_SALT_BYTES */
    const uint8_t *retry_key, *retry_nonce; /* WT_QUIC_RETRY_KEY_BYTES, WT_QUIC_RETRY_NONCE_BYTES */
    bool v2;                                /* RFC 9369's packet types and labels */
    const char *rfc;
};

enum { WT_QUIC_SALT_BYTES = 20, WT_QUIC_RETRY_KEY_BYTES = 16, WT_QUIC_RETRY_NONCE_BYTES = 12 };

enum {
    WT_QUIC_TAG = 16,      /* bytes that a packet ends with, whatever the suite (CCM_8 is not for QUIC), and a Retry */
    WT_QUIC_CID_MOST = 20, /* bytes of a connection id in the versions that we know (RFC 9000, 17.2); RFC 8999: 255 */
    /* bytes of the id that a client makes up: RFC 9000, 7.2: "This Destination Connection ID MUST be at least 8 bytes
     * in length" */
    WT_QUIC_FIRST_ID = 8,
};

/* NULL for a version whose packets cannot be opened. Names of all: wt_registry_name(WT_REG_QUIC_VERSION, number). */
const struct wt_quic_version *wt_quic_version_find(uint32_t number);
/* Whether its Retry packets end with a tag (RFC 9001, 5.8): not before draft 25. */
bool wt_quic_version_has_retry_tag(const struct wt_quic_version *version);

/* RFC 9000, 15: "Versions that follow the pattern 0x?a?a?a?a are reserved for use in forcing version negotiation to be
 * exercised". */
static inline bool wt_quic_version_is_reserved(uint32_t number)
{
    return (number & 0x0f0f0f0f) == 0x0a0a0a0a;
}
/* RFC 9000, 15, gives reserved versions no packets of their own: whoever sends one puts behind the ids what it would
 * send in another. The versions whose Initial packets that is in practice, the most frequent first; NULL when there is
 * no i-th. All have the same form. */
const struct wt_quic_version *wt_quic_version_stand_in(size_t i);
/* Google's own, with "Q0" and two digits: their packets have other forms, and no TLS inside. */
bool wt_quic_version_is_google(uint32_t number);

/* The packet that the two bits of a long header's first byte (0 to 3) say, and back: RFC 9000, 17.2 and RFC 9369, 3.2.
 * `version` NULL: as version 1 has them. */
enum wt_quic_packet wt_quic_long_packet(const struct wt_quic_version *version, unsigned bits);
unsigned wt_quic_long_bits(const struct wt_quic_version *version, enum wt_quic_packet packet);

/* The packets that carry handshake messages of that type; WT_QUIC_PACKETS: nothing is said of it. */
enum wt_quic_packet wt_quic_packet_of_message(uint8_t type);

/* "Initial", "0-RTT", "Handshake", "Retry", "1-RTT", "Version Negotiation": RFC 9000's words. */
const char *wt_quic_packet_name(enum wt_quic_packet packet);
/* "initial", "0rtt", "handshake", "retry", "1rtt", "version_negotiation": as reports have them. */
const char *wt_quic_packet_id(enum wt_quic_packet packet);

#endif
