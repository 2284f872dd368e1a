//! The journeys people come for, walked on the phone from the first word to the last,
//! each step looked at for what sticks out, on a small screen and on a desk.

use crate::driver::{DESK, SMALL, Screen};
use crate::phone::{Phone, on_phone};
use crate::{ASHA, RAVI};

async fn money(name: &str, screen: Screen) {
    on_phone(name, screen, async |phone| {
        phone.take(ASHA).await;
        phone.ask("start sip", "In which fund").await;
        phone.ask("hdfc flexi cap", "How much every month?").await;
        step(phone, "1-amount").await;
        phone.ask("5000", "On which day").await;
        phone.tap("5", "stay the same, or grow").await;
        phone.tap("+10 % a year", "A SIP needs a mandate").await;
        phone.tap("UPI AutoPay", "Please check your").await;
        step(phone, "2-mandate").await;
        phone.tap("Set up the mandate", "Please approve your").await;
        phone.approves("mandate", "3-mandate-page").await;
        phone.hear("mandate is active").await;
        phone.tap("Check my SIP", "Please check your SIP").await;
        step(phone, "4-review").await;
        phone.tap("Start this SIP", "Please approve your SIP").await;
        step(phone, "5-placed").await;
        phone.approves("plan", "6-sip-page").await;
        phone.hear("is active").await;
        phone.ask("stop my sip", "any will do").await;
        phone.open_list().await;
        step(phone, "7-reasons").await;
        phone.choose("Goal achieved").await;
        phone.hear("this SIP stops").await;
        step(phone, "8-stop").await;
        phone.tap("Stop this SIP", "told to stop").await;
        phone
            .ask(
                "redeem 2000 from hdfc liquid",
                "Please check your redemption",
            )
            .await;
        step(phone, "9-redeem").await;
    })
    .await;
}

#[tokio::test]
async fn a_sip_is_begun_approved_and_stopped_and_money_taken_out_on_a_small_phone() {
    money("money-small", SMALL).await;
}

#[tokio::test]
async fn a_sip_is_begun_approved_and_stopped_and_money_taken_out_at_a_desk() {
    money("money-desk", DESK).await;
}

#[tokio::test]
async fn an_account_is_opened_as_far_as_the_declarations_at_a_desk() {
    on_phone("account-desk", DESK, async |phone| {
        phone.take(RAVI).await;
        phone.ask("open account", "Do you agree").await;
        step(phone, "1-consent").await;
        phone.tap("I agree", "as on your PAN").await;
        phone.ask("Ravi Demo", "e-mail address").await;
        phone.ask("ravi@example.in", "What is your PAN?").await;
        phone.ask("AAAPR0000R", "date of birth").await;
        step(phone, "2-pan").await;
        phone.ask("20/02/1988", "account number").await;
        phone.ask("501001234567", "once more").await;
        phone.ask("501001234567", "xxxx4567").await;
        phone.ask("HDFC0001234", "nominee").await;
        step(phone, "3-bank").await;
        phone.ask("Meena Demo", "to you").await;
        phone.open_list().await;
        step(phone, "4-relations").await;
        phone.choose("Sister").await;
        phone.hear("18 or older").await;
        phone.tap("18 or older", "FATCA/CRS").await;
        step(phone, "5-fatca").await;
    })
    .await;
}

#[tokio::test]
async fn an_account_is_opened_to_the_end_in_hinglish_on_a_small_phone() {
    on_phone("account-small", SMALL, async |phone| {
        phone.take(RAVI).await;
        phone.ask("account kholna hai", "Kya aap sehmat").await;
        step(phone, "01-consent").await;
        phone.tap("Main sehmat hoon", "aapka naam kya hai").await;
        phone.ask("Ravi Demo", "e-mail address").await;
        step(phone, "02-email").await;
        phone.ask("ravi@example.in", "Aapka PAN kya hai").await;
        phone.ask("AAAPR0000R", "janm tithi").await;
        step(phone, "03-born").await;
        phone.ask("20/02/1988", "Account number likhiye").await;
        step(phone, "04-kyc").await;
        phone.ask("501001234567", "ek baar phir").await;
        phone.ask("501001234567", "xxxx4567").await;
        phone.ask("HDFC0001234", "nominee kaun hoga").await;
        step(phone, "05-bank").await;
        phone.ask("Meena Demo", "kya lagte hain").await;
        row(phone, "Behen", "06-relations").await;
        phone.hear("umar 18").await;
        step(phone, "07-nominee").await;
        phone.tap("18 ya zyada", "FATCA/CRS declaration ke").await;
        step(phone, "08-india").await;
        phone.tap("Haan, sirf India", "saalana income").await;
        row(phone, "₹5 se 10 lakh", "09-incomes").await;
        phone.hear("kahan se aata hai").await;
        row(phone, "Salary", "10-sources").await;
        phone.hear("public office").await;
        step(phone, "11-office").await;
        phone.tap("Nahi", "Aapka FATCA/CRS").await;
        step(phone, "12-declaration").await;
        phone.tap("Haan, yeh sach hai", "sawaal 1/5").await;
        row(phone, "7 saal ya uske baad", "13-risk").await;
        phone.hear("sawaal 2/5").await;
        row(phone, "Rukunga/rukungi", "14-fall").await;
        phone.hear("sawaal 3/5").await;
        phone.pick("Steady").await;
        phone.hear("sawaal 4/5").await;
        phone.pick("Chhah se zyada").await;
        phone.hear("sawaal 5/5").await;
        phone.pick("Mutual funds").await;
        phone.hear("jawab ho gaye").await;
        step(phone, "15-answers").await;
        phone
            .tap("Haan, yeh sach hai", "Bas itna hi. Dhanyavaad")
            .await;
        step(phone, "16-asked-for").await;
        phone.hear("account khul gaya hai").await;
        step(phone, "17-open").await;
    })
    .await;
}

/// Opens the newest list, looks at it, and chooses.
async fn row(phone: &Phone, title: &str, moment: &str) {
    phone.open_list().await;
    step(phone, moment).await;
    phone.choose(title).await;
}

async fn looking(name: &str, screen: Screen) {
    on_phone(name, screen, async |phone| {
        phone.take(RAVI).await;
        phone.ask("hi", "What would you like to see?").await;
        step(phone, "1-hello").await;
        phone.take(ASHA).await;
        phone.ask("my portfolio", "Your portfolio").await;
        step(phone, "2-portfolio").await;
        phone
            .ask("how is my hdfc flexi cap doing", "HDFC Flexi Cap")
            .await;
        step(phone, "3-fund").await;
        phone.ask("send my statement", "Which paper").await;
        phone.open_list().await;
        step(phone, "4-papers").await;
        phone.choose("Account statement").await;
        phone.see("a.thing.document[data-open]").await;
        step(phone, "5-statement").await;
        phone
            .ask("sip of 5000 for 10 years at 12%", "SIP illustration")
            .await;
        step(phone, "6-calculator").await;
        phone.ask("हिन्दी", "हिन्दी").await;
        phone.ask("मेरा पोर्टफोलियो", "आपका पोर्टफोलियो").await;
        step(phone, "7-hindi").await;
        phone.ask("SIP शुरू करो", "किस फंड").await;
        step(phone, "8-hindi-sip").await;
    })
    .await;
}

#[tokio::test]
async fn what_somebody_has_is_looked_at_on_a_small_phone() {
    looking("looking-small", SMALL).await;
}

#[tokio::test]
async fn what_somebody_has_is_looked_at_at_a_desk() {
    looking("looking-desk", DESK).await;
}

/// Nothing sticks out, and there is a picture of it.
async fn step(phone: &Phone, name: &str) {
    phone.fits(name).await;
    phone.picture(name).await;
}
