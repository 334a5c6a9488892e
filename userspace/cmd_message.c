// SPDX-License-Identifier: GPL-2.0
/* kzt message: send a USER_MESSAGE to a peer (spec 1, 10.19). */
#include "kzt.h"
#include "out.h"
#include <errno.h>
#include <string.h>

/* More than the kernel takes, and as much as fits into a request: the limit is
 * the kernel's to tell.
 */
#define DATA_MAX 32768

static int hex_data(const char *hex, uint8_t *data, size_t *len)
{
	switch (kzt_text_hex(hex, data, DATA_MAX, len)) {
	case 0:
		return KZT_OK;
	case -E2BIG:
		return kzt_fail("the message is too long");
	default:
		return kzt_usage("--hex: an even number of hexadecimal digits");
	}
}

static int stdin_data(uint8_t *data, size_t *len)
{
	*len = fread(data, 1, DATA_MAX, stdin);
	if (ferror(stdin))
		return kzt_fail("cannot read the message from standard input");
	return *len < DATA_MAX ? KZT_OK : kzt_fail("the message is too long");
}

static int text_data(const char *text, uint8_t *data, size_t *len)
{
	*len = strlen(text);
	if (*len > DATA_MAX)
		return kzt_fail("the message is too long");
	memcpy(data, text, *len);
	return KZT_OK;
}

/* argv: TEXT, or --hex HEX, or - */
static int get_data(int argc, char **argv, uint8_t *data, size_t *len)
{
	if (argc == 2 && !strcmp(argv[0], "--hex"))
		return hex_data(argv[1], data, len);
	if (argc != 1 || !strcmp(argv[0], "--hex"))
		return kzt_usage("message send needs an address, a type and one text (in quotes), --hex HEX or -");
	if (!strcmp(argv[0], "-"))
		return stdin_data(data, len);
	return text_data(argv[0], data, len);
}

/* As kzt monitor has it: a type beyond 63 bits is a text */
static int print_sent(uint64_t address, uint64_t type, size_t len)
{
	json_t *t = type > INT64_MAX ? json_sprintf("%llu", (unsigned long long)type) :
				       json_integer((json_int_t)type);

	return kzt_print_json(json_pack("{s:{s:o,s:o,s:I}}", "message", "address",
			      json_sprintf(KZT_PRIADDR, (unsigned long long)address), "type", t,
			      "bytes", (json_int_t)len));
}

static int message_send(int argc, char **argv)
{
	static uint8_t data[DATA_MAX];
	static struct kzt_nl nl;
	uint64_t address, type;
	struct nlmsghdr *nlh;
	size_t len = 0;
	int err;

	if (argc < 4)
		return kzt_usage("message send needs an address, a type, and a text, --hex HEX or -");
	if (!kzt_arg_address(argv[1], &address) ||
	    !kzt_arg_number("type", argv[2], UINT64_MAX, &type))
		return KZT_USAGE;
	err = get_data(argc - 3, argv + 3, data, &len);
	if (err)
		return err;
	err = kzt_out_open(&nl);
	if (err)
		return err;
	nlh = kzt_nl_begin(&nl, KZT_CMD_MESSAGE_SEND, 0);
	mnl_attr_put_u64(nlh, KZT_A_MESSAGE_ADDRESS, address);
	mnl_attr_put_u64(nlh, KZT_A_MESSAGE_TYPE, type);
	mnl_attr_put(nlh, KZT_A_MESSAGE_DATA, len, data);
	err = kzt_nl_talk(&nl, nlh, NULL, NULL);
	if (err)
		err = kzt_out_refused(&nl, err);
	kzt_nl_close(&nl);
	return !err && kzt_json ? print_sent(address, type, len) : err;
}

int cmd_message(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "send", message_send, "ADDRESS TYPE --hex HEX | - | TEXT",
		  "send a text, bytes, or standard input; types up to 65535 are reserved" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt message", argc, argv);
}
