/* Every bound of the engine. What hits one is counted in `undecoded` and said in the output; nothing grows past it.
 * Units stand in each comment. */
#ifndef WT_REGISTRY_LIMITS_H
#define WT_REGISTRY_LIMITS_H

/* bytes: one handshake message that is kept whole. The wire's own bound is 2^24 - 1; the largest seen in practice
 * (certificate chains, CA lists) are below 256 KiB. */
#define WT_LIMIT_HANDSHAKE_MESSAGE (1u << 20)
/* bytes: plaintext fragment 2^14 plus what the oldest RFCs let protection add (RFC 5246, 6.2.3: 2048). */
#define WT_LIMIT_RECORD (16384u + 2048u)
/* events: fields of one message that the trail keeps. */
#define WT_LIMIT_TRAIL 65536u

#endif
