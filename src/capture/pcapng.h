/* pcapng (draft-ietf-opsawg-pcapng): block types, options and records, for who reads it and who writes it. */
#ifndef WT_CAPTURE_PCAPNG_H
#define WT_CAPTURE_PCAPNG_H

enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, /* obsolete */
    BLOCK_SIMPLE = 3,
    BLOCK_NAMES = 4,
    BLOCK_ENHANCED = 6,
    BLOCK_JOURNAL = 9,
    BLOCK_SECRETS = 10,
    BLOCK_SYSDIG = 0x204,
    BLOCK_SYSDIG_2 = 0x216,
    BLOCK_SYSDIG_2_LARGE = 0x221,
    BLOCK_CUSTOM = 0x0bad,
    BLOCK_CUSTOM_NO_COPY = 0x40000bad,
    BLOCK_SECTION = 0x0a0d0d0a,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
};

enum { OPTION_END = 0, OPTION_USERAPPL = 4, OPTION_TSRESOL = 9, OPTION_TSOFFSET = 14 };
enum { RECORD_END = 0, RECORD_IPV4 = 1, RECORD_IPV6 = 2 };

#endif
