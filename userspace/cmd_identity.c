// SPDX-License-Identifier: GPL-2.0
/* kzt identity: make, check and use identities.  Needs neither module nor agent. */
#include "file.h"
#include "identity.h"
#include "kzt.h"
#include "out.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX (64u << 20)

static int load(struct kzt_id *id, const char *file)
{
	const char *why;
	int err = kzt_id_load(id, file, &why);

	return err ? kzt_fail("%s: %s", file, why ? why : strerror(-err)) : KZT_OK;
}

static int print_public(const struct kzt_id *id)
{
	char text[KZT_ID_TEXT_MAX];

	if (kzt_id_text(id, false, text, sizeof(text)))
		return kzt_fail("cannot write the identity");
	if (kzt_json)
		return kzt_print_json(json_pack("{s:{s:o,s:s}}", "identity", "address",
				json_sprintf(KZT_PRIADDR, (unsigned long long)id->address),
				"public", text));
	puts(text);
	return KZT_OK;
}

static int identity_new(int argc, char **argv)
{
	struct kzt_id id;
	int err;

	if (argc != 2)
		return kzt_usage("identity new needs a file to write to");
	err = kzt_id_generate(&id);
	if (err)
		return kzt_fail("cannot make an identity: %s", strerror(-err));
	err = kzt_id_save(&id, argv[1], true, false);
	if (err == -EEXIST)
		err = kzt_fail("%s: exists already, and is not replaced", argv[1]);
	else if (err)
		err = kzt_fail("%s: %s", argv[1], strerror(-err));
	else
		err = print_public(&id);
	kzt_id_wipe(&id);
	return err;
}

static int identity_public(int argc, char **argv)
{
	struct kzt_id id;
	int err;

	if (argc != 2)
		return kzt_usage("identity public needs a file");
	err = load(&id, argv[1]);
	if (err)
		return err;
	err = print_public(&id);
	kzt_id_wipe(&id);
	return err;
}

static int identity_validate(int argc, char **argv)
{
	const char *why = NULL;
	struct kzt_id id;
	int err;

	if (argc != 2)
		return kzt_usage("identity validate needs a file");
	err = load(&id, argv[1]);
	if (err)
		return err;
	if (kzt_id_validate(&id, &why))
		err = kzt_fail("%s: %s", argv[1], why ? why : "not valid");
	else if (kzt_json)
		err = kzt_print_json(json_pack("{s:{s:o,s:b,s:b}}", "identity", "address",
				json_sprintf(KZT_PRIADDR, (unsigned long long)id.address),
				"valid", 1, "secret", id.has_secret));
	else
		printf(KZT_PRIADDR " is valid%s\n", (unsigned long long)id.address,
		       id.has_secret ? ", with its secret" : "");
	kzt_id_wipe(&id);
	return err;
}

/* All of standard input; to be freed */
static uint8_t *read_message(size_t *len)
{
	uint8_t *msg = kzt_file_get(stdin, MESSAGE_MAX, len);

	if (!msg)
		kzt_fail("the message on standard input: %s", strerror(errno));
	return msg;
}

static void print_signature(const uint8_t *sig, char hex[2 * KZT_ID_SIGNATURE_LEN + 1])
{
	unsigned int i;

	for (i = 0; i < KZT_ID_SIGNATURE_LEN; i++)
		sprintf(hex + 2 * i, "%02x", sig[i]);
}

static int identity_sign(int argc, char **argv)
{
	char hex[2 * KZT_ID_SIGNATURE_LEN + 1];
	uint8_t sig[KZT_ID_SIGNATURE_LEN], *msg;
	struct kzt_id id;
	size_t len;
	int err;

	if (argc != 2)
		return kzt_usage("identity sign needs a file, and the message on standard input");
	err = load(&id, argv[1]);
	if (err)
		return err;
	if (!id.has_secret)
		return kzt_fail("%s: holds no secret key", argv[1]);
	msg = read_message(&len);
	err = msg ? kzt_id_sign(&id, msg, len, sig) : -EIO;
	kzt_id_wipe(&id);
	free(msg);
	if (err)
		return msg ? kzt_fail("cannot sign: %s", strerror(-err)) : KZT_FAIL;
	print_signature(sig, hex);
	if (kzt_json)
		return kzt_print_json(json_pack("{s:s}", "signature", hex));
	puts(hex);
	return KZT_OK;
}

static bool parse_signature(const char *hex, uint8_t sig[KZT_ID_SIGNATURE_LEN])
{
	size_t len;

	return !kzt_text_hex(hex, sig, KZT_ID_SIGNATURE_LEN, &len) &&
	       len == KZT_ID_SIGNATURE_LEN;
}

/* The identity itself or a file with it */
static int identity_arg(struct kzt_id *id, const char *word)
{
	if (strspn(word, "0123456789abcdefABCDEF") == 10 && word[10] == ':') {
		const char *why = NULL;

		if (kzt_id_parse(id, word, &why))
			return kzt_fail("identity: %s", why ? why : "not one");
		return KZT_OK;
	}
	return load(id, word);
}

static int identity_verify(int argc, char **argv)
{
	uint8_t sig[KZT_ID_SIGNATURE_LEN], *msg;
	struct kzt_id id;
	size_t len;
	int err;

	if (argc != 3)
		return kzt_usage("identity verify needs an identity and a signature, and the message on standard input");
	if (!parse_signature(argv[2], sig))
		return kzt_usage("a signature has %d hexadecimal digits",
				 2 * KZT_ID_SIGNATURE_LEN);
	err = identity_arg(&id, argv[1]);
	if (err)
		return err;
	msg = read_message(&len);
	if (!msg)
		err = KZT_FAIL;
	else if (kzt_id_verify(id.pub, msg, len, sig, sizeof(sig)))
		err = kzt_fail("the signature is not of this identity and message");
	kzt_id_wipe(&id);
	free(msg);
	if (err)
		return err;
	if (kzt_json)
		return kzt_print_json(json_pack("{s:b}", "valid", 1));
	puts("the signature is good");
	return KZT_OK;
}

int cmd_identity(int argc, char **argv)
{
	static const struct kzt_cmd table[] = {
		{ "new", identity_new, "FILE",
		  "make one, write it with its secret to FILE, print the public part" },
		{ "public", identity_public, "FILE", "print the public part" },
		{ "validate", identity_validate, "FILE",
		  "check that the address is that of the key" },
		{ "sign", identity_sign, "FILE <MESSAGE", "print a signature" },
		{ "verify", identity_verify, "IDENTITY SIGNATURE <MESSAGE",
		  "check a signature" },
		{ NULL, NULL, NULL, NULL },
	};

	return kzt_dispatch(table, "kzt identity", argc, argv);
}
