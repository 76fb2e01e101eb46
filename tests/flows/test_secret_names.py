"""A field is secret by the words of its name, and an innocent name is no secret."""

from __future__ import annotations

import pytest

from flask_porter.flows.secret_names import is_anti_forgery, is_secret

SECRET = """
password Password PASSWORD new_password newPassword password2 password-confirm confirmpassword
user[password] account.password old_passwd passphrase user_pass pass pwd wp-pwd passcode
secret client_secret clientSecret secret_key secrets
token access_token accessToken authtoken API_TOKEN reset-token token[0] tokens
otp otp_code totp smsOtp pin PIN user_pin newPin pin_code tan mtan
cvv cvc csc card_cvv cardCVC
code Code code1 code[0] codes one_time_code oneTimeCode verification_code verificationCode
security_code auth_code access_code recovery_codes backup-code login_code 2fa_code mfaCode
sms_code email_code reset_code confirmation_code
api_key apiKey apikey private_key card_number cardNumber card-no cardnumber credit_card creditCard
security_answer credentials
"""

INNOCENT = """
postcode postCode post_code country_code countryCode zip_code zip area_code currency_code
discount_code promoCode voucher-code gift_code product_code item_code language_code code_name
source_code order[code] codec encode barcode qrcode dress_code error_code
passenger passengers passport passport_number compass bypass passage
shipping shopping pinned spin opinion mapping pincushion
tokenizer secretary secretariat key keyword monkey public_key key_name
card cards gift_card_message business_card discard cardinal card_holder
name to note amount iban email address1 title q next hotpot canvas tanned
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_a_secret_is_known_by_its_words(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["", "1", "[]", "_", "\N{SNOWMAN}", *INNOCENT.split()])
def test_an_innocent_name_is_no_secret(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("csrf_token", True),
        ("_csrf", True),
        ("csrfmiddlewaretoken", True),
        ("XSRF-TOKEN", True),
        ("authenticity_token", True),
        ("token", False),
        ("authentic", False),
    ],
)
def test_a_token_against_forgery_is_known(name: str, expected: bool) -> None:
    assert is_anti_forgery(name) is expected
