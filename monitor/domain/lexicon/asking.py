"""Words that tell a question, thanks and topics. A final `*` matches any ending."""

QUESTIONS = """
    how, what, when, where, which, who, whom, why, can i, can you, could you, could i, do you, does, is there, are there, is it possible,
    will you, would you, any idea, anyone know, may i, should i, am i able
    jak, co, kiedy, gdzie, który*, która, kto, dlaczego, czy, ile, πώς, τι, πότε, πού, ποιος, ποια, ποιο, γιατί, μήπως, πόσο, υπάρχει
    چطور, چگونه, چی, چه, کی, کجا, چرا, آیا, چند, کدام, میشه, امکان دارد, كيف, ماذا, متى, أين, وين, هل, لماذا, ليش, كم, ممكن, ايش, شلون
    wie, was, wann, wo, welche*, wer, warum, wieso, kann ich, können sie, könnt ihr, gibt es, comment, quand, où, quel*, quelle*, qui, pourquoi,
    est-ce que, puis-je, pouvez-vous, y a-t-il, combien, cómo, qué, cuándo, dónde, cuál*, quién, por qué, puedo, pueden, cuánto, hay alguna
    come, cosa, quando, dove, quale, chi, perché, posso, potete, quanto, c'è, como, quando, onde, qual, quem, por que, posso, podem, quanto, será que
    nasıl, ne zaman, nerede, hangi, kim, neden, niye, kaç, var mı, mümkün mü, hoe, wat, wanneer, waar, welke, wie, waarom, kan ik, kunnen jullie
    как, что, когда, где, какой, какие, кто, почему, можно ли, есть ли, сколько, कैसे, क्या, कब, कहाँ, कहां, कौन, क्यों, कितना
"""

THANKS = """
    thank*, thx, ty, cheers, much appreciated, kudos, well done, shoutout, shout out, love your, love this, great service, great job, brilliant service, awesome service
    dzięki, dziękuj*, dziekuj*, podziękowan*, brawo, super obsługa, świetna obsługa, ευχαριστ*, μπράβο, συγχαρητήρια, εξαιρετική εξυπηρέτηση
    ممنون*, مرسی, متشکر*, سپاس*, تشکر, دمتون گرم, دست شما درد نکنه, عالی بود, شكرا*, شكراً, شكر, مشكور*, يعطيكم العافية, يعطيك العافية, ممتاز, جزاكم الله
    danke*, vielen dank, dankeschön, klasse service, super service, merci, remerci*, bravo, gracias, agradec*, felicidades, excelente servicio
    grazie, ringrazi*, complimenti, obrigad*, parabéns, valeu, teşekkür*, sağ ol*, elinize sağlık, dank*, bedankt, dankjewel, top service
    спасиб*, благодар*, молодцы, धन्यवाद, शुक्रिया, आभार
"""

TOPICS: dict[str, str] = {
    "delivery": """
        deliver*, shipping, shipment, shipped, courier, parcel*, package*, tracking, dostaw*, przesyłk*, paczk*, kurier*, παράδοση, παράδοσ*, αποστολ*, δέμα, δέματα,
        κούριερ, παραγγελί*, ارسال*, تحویل*, پیک, بسته*, مرسوله, توصيل, شحن*, شحنة, طرد, مندوب, liefer*, paket*, versand, zustell*, livr*, colis, expédi*,
        entrega*, envío*, paquete*, pedido*, consegn*, spedizion*, pacco, encomenda*, kargo*, teslimat*, sipariş*, bezorg*, levering*, pakket*, доставк*, посылк*, курьер*, डिलीवरी, पार्सल
    """,
    "delay": """
        late, delay*, still waiting, waiting for, overdue, hours late, been waiting, spóźni*, opóźni*, czekam, καθυστέρ*, αργεί, άργησ*, περιμένω, تاخیر*, دیر, معطل*, منتظرم,
        تأخير*, تأخر*, متأخر*, انتظر, أنتظر, verspät*, warte, wartezeit, retard*, attends, attente, retras*, esperando, demora*, ritard*, aspettando, aspetto, atras*, gecik*, bekliyorum, bekliyoruz,
        vertraging*, te laat, wacht al, задерж*, опазд*, опозда*, жду, ждем, देरी, इंतज़ार
    """,
    "product": """
        broken, faulty, defective, doesn't work, does not work, not working, stopped working, broke, poor quality, quality, cold food, stale, spoiled, rotten, expired, wrong item, wrong size,
        zepsut*, zepsuł*, nie działa*, wadliw*, uszkodzon*, jakość, jakości, χαλασμέν*, χάλασε, δεν λειτουργεί, δεν δουλεύει, ελαττωματικ*, ποιότητα, خراب*, معیوب*, کار نمی*, کیفیت*, سرد بود, فاسد,
        لا يعمل, ما يشتغل, خربان, معطل*, عطل*, تالف*, جودة, فاسد*, بارد, kaputt*, defekt*, funktioniert nicht, qualität, panne, cassé*, défectueu*, ne marche pas, ne fonctionne pas, qualité,
        roto, rota, defectuos*, no funciona, calidad, avería, rotto, rotta, difettos*, non funziona, qualità, quebrad*, defeito*, não funciona, qualidade, bozuk*, bozuldu, arızal*, çalışmıyor, kalite*,
        kapot*, stuk, werkt niet, kwaliteit, сломан*, сломал*, не работает, брак*, качеств*, ख़राब, खराब, टूटा, काम नहीं
    """,
    "billing": """
        bill, billed, billing, invoice*, charged, charge*, refund*, payment*, overcharg*, price*, fee, fees, money back, faktur*, rachun*, zwrot pieniędzy, zwrotu, opłat*, płatnoś*, cena, ceny,
        λογαριασμό*, τιμολόγιο, χρέωσ*, επιστροφή χρημάτων, πληρωμ*, τιμή, τιμές, χρήματα, صورتحساب, فاکتور, پرداخت*, پولم, پول, قیمت*, هزینه*, بازگشت وجه, استرداد, فاتورة*, فواتير, رسوم, خصم*, استرداد, استرجاع, مبلغ, فلوس*, سعر, أسعار,
        rechnung*, abgebucht, abbuchung, erstattung, rückerstattung, gebühr*, preis*, factur*, remboursement, rembours*, prélev*, paiement, prix, cobr*, reembols*, devolución, precio*, pago,
        fattur*, rimborso, addebit*, prezz*, pagament*, fatura*, estorno, cobranç*, preço*, pagamento, iade*, ücret*, ödeme*, fiyat*, para iade*, rekening*, terugbetaling, betaling*, prijs*, geld terug, счет*, счёт*, возврат*, оплат*, цен*, деньги, बिल, रिफंड, भुगतान, पैसे
    """,
    "staff": """
        rude, staff, agent, employee*, customer service, customer support, support team, helpline, call centre, call center, on hold, hung up, driver, manager, waiter, obsług*, pracowni*, konsultant*, infolini*, kierowc*, niemił*,
        εξυπηρέτηση, υπάλληλο*, υπάλληλος, προσωπικό, αγενή*, αγένεια, οδηγός, پشتیبان*, کارمند*, پرسنل, برخورد*, راننده, بی ادب*, خدمة العملاء, خدمه العملاء, موظف*, الدعم الفني, سائق*, تعامل*, kundenservice, kundendienst, mitarbeiter*, hotline, unfreundlich*, personal,
        service client, employé*, vendeu*, impoli*, personnel, conseill*, atención al cliente, empleado*, personal, grosero*, servizio clienti, assistenza, dipendent*, maleducat*, personale, atendimento, atendente*, funcionári*, mal educad*,
        müşteri hizmet*, çalışan*, personel*, kaba, klantenservice, medewerker*, onbeschoft, personeel, поддержк*, сотрудни*, персонал*, хам*, обслуживани*, ग्राहक सेवा, कर्मचारी, स्टाफ, कस्टमर केयर
    """,
    "website": """
        app, website, site, log in, login, password, crash*, error, update, outage, server*, internet, connection, online, aplikacj*, stron*, logowani*, zalogować, hasł*, błąd, internet*,
        εφαρμογή, ιστοσελίδα, σελίδα, σύνδεση, κωδικό*, σφάλμα, ίντερνετ, اپلیکیشن, برنامه, سایت, اپ, وارد حساب, رمز, خطا, اینترنت, تطبيق*, موقع, تسجيل الدخول, كلمة المرور, نت, انترنت, الشبكة, webseite, anmelden, einloggen, passwort, störung, fehlermeldung,
        appli, application, site web, connexion, mot de passe, aplicación, página web, contraseña, applicazione, sito, accedere, aplicativo, senha, uygulama*, giriş yap*, şifre*, internet sitesi, website, inloggen, wachtwoord, storing, приложени*, сайт*, пароль, интернет*, ऐप, वेबसाइट, लॉगिन, इंटरनेट
    """,
    "cancellation": """
        cancel*, unsubscribe, terminate my, close my account, return policy, send it back, anulow*, odwoła*, rezygn*, rozwiązać umowę, ακύρ*, ακυρώ*, διακοπή, لغو*, کنسل*, انصراف, إلغاء*, الغاء*, ألغ*, stornier*, kündig*, widerruf*, annul*, résili*,
        cancelar, cancel*, anular, disdett*, annull*, recesso, iptal*, opzeg*, annuleer*, отмен*, расторг*, отказ*, रद्द, कैंसिल
    """,
    "lost": """
        lost my, lost luggage, lost package, lost parcel, missing, never arrived, never came, didn't arrive, damaged, smashed, crushed, zgubi*, zaginę*, nie dotar*, nie doszł*, uszkodzon*, χάθηκ*, χαμέν*, δεν ήρθε, δεν έφτασε, δεν παρέλαβα, κατεστραμμέν*, σπασμέν*,
        گم شد*, گم کرد*, نرسید*, نیومد*, شکسته*, آسیب دیده, ضاع*, ضائع*, مفقود*, لم يصل, لم تصل, ما وصل*, مكسور*, تالف*, verloren, verschwunden, nicht angekommen, beschädigt*, perdu*, jamais arrivé*, pas arrivé*, pas reçu, endommagé*, abîmé*,
        perdid*, perdieron, no llegó, no ha llegado, dañad*, pers*o, smarrit*, mai arrivat*, non è arrivat*, danneggiat*, extravi*, não chegou, danificad*, kayb*, kayıp*, gelmedi, ulaşmadı, hasarlı, kwijt, niet aangekomen, beschadigd*, потерял*, пропал*, не пришл*, не пришел, поврежд*, खो गया, नहीं मिला
    """,
    "safety": """
        injur*, hospital, unsafe, dangerous, poison*, fire, szpital*, niebezpieczn*, νοσοκομείο, επικίνδυν*, خطرناک*, مسموم*, بیمارستان, خطير*, تسمم, مستشفى, verletzt, gefährlich, dangereu*, bless*, peligro*, pericolo*, ferit*, perigo*, tehlike*, zehirlen*, gevaarlijk, опасн*, отравил*, खतरनाक
    """,
}
