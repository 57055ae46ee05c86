"""Words that set flags, kinds and topics, in the languages Amends watches. A final `*` matches any ending."""

from monitor.domain.records import Flag

FLAGS: dict[Flag, str] = {
    Flag.SAFETY: """
        injured, injury, injuries, hospital*, ambulance, emergency room, burned my, burnt my, burns on, caught fire, on fire,
        exploded, explosion, electrocuted, electric shock, food poisoning, poisoned, allergic reaction, anaphyla*, bleeding,
        choked, choking hazard, unsafe, dangerous, carbon monoxide, gas leak, smoke coming, glass in my, metal in my, mold in
        ranny, ranna, zraniony*, obrażeni*, szpital*, karetk*, pogotowie, poparz*, zapalił się, zapaliła się, wybuchł*, porażenie prądem,
        zatruci*, zatrułem, zatrułam, reakcja alergiczna, niebezpieczn*, szkło w
        τραυματίστηκ*, τραυματισμ*, νοσοκομείο, ασθενοφόρο, κάηκ*, έγκαυμα, εγκαύματα, πήρε φωτιά, έπιασε φωτιά, εξερράγη, έκρηξη,
        ηλεκτροπληξία, δηλητηρίαση, δηλητηριάστηκ*, αλλεργική αντίδραση, αλλεργικό σοκ, επικίνδυν*
        مجروح*, زخمی*, مصدوم*, بیمارستان, آمبولانس, اورژانس, سوختگی, آتش گرفت*, منفجر شد*, انفجار, برق گرفتگی, مسموم*, مسمومیت,
        حساسیت شدید, خطرناک*, شیشه توی
        أصيب, أصبت, إصابة, جرح, مستشفى, المستشفى, إسعاف, طوارئ, حروق, احترق*, اشتعل*, انفجر*, انفجار, صعق*, تسمم, تسممت, حساسية شديدة,
        خطير*, خطر على
        verletzt, verletzung*, krankenhaus, notaufnahme, krankenwagen, verbrannt, verbrennung*, in brand, explodiert, stromschlag,
        lebensmittelvergiftung, vergiftet, allergische reaktion, gefährlich, lebensgefahr
        blessé*, blessure*, hôpital, ambulance, urgences, brûlé*, brûlure*, pris feu, explosé, électrocuté*, intoxication, intoxiqué*,
        réaction allergique, dangereux, dangereuse
        herido*, herida*, hospital, ambulancia, urgencias, quemadura*, me quemé, se incendió, explotó, descarga eléctrica, intoxicación,
        intoxicado*, intoxicada*, reacción alérgica, peligroso, peligrosa
        ferito, ferita, feriti, ospedale, ambulanza, pronto soccorso, ustion*, preso fuoco, esploso, esplosa, scossa elettrica,
        intossicazione, intossicato, reazione allergica, pericoloso, pericolosa
        ferido, ferida, ambulância, queimadura*, pegou fogo, explodiu, choque elétrico, intoxicação, reação alérgica, perigoso, perigosa
        yaraland*, hastane*, ambulans, acil servis, yandı elim, yanık oluş*, alev aldı, patladı, elektrik çarp*, zehirlen*, alerjik reaksiyon, tehlikeli
        gewond, verwonding*, ziekenhuis, verbrand, vloog in brand, ontploft, elektrische schok, voedselvergiftiging, allergische reactie, gevaarlijk
        травм*, больниц*, скорая помощь, скорую помощь, ожог*, загорел*, взорвал*, ударило током, отравил*, отравлен*, аллергическая реакция, опасн*
        घायल, अस्पताल, एम्बुलेंस, जल गया, आग लग, विस्फोट, करंट लगा, ज़हर, फूड पॉइजनिंग, खतरनाक
    """,
    Flag.LEGAL: """
        lawyer*, attorney*, sue you, suing, lawsuit, legal action, small claims, take you to court, see you in court, class action, ombudsman,
        consumer court, consumer protection, trading standards, chargeback, my solicitor, report you to
        prawnik*, adwokat*, do sądu, w sądzie, sądow*, pozew, pozwę, pozwać, rzecznik konsument*, rzecznika konsument*, uokik, zawiadomienie do prokuratury
        δικηγόρο*, δικηγόρος, δικαστ*, μήνυση, μηνύσω, αγωγή, εξώδικο, συνήγορο του καταναλωτή, συνήγορος του καταναλωτή, νομικά μέσα, νομικές ενέργειες
        وکیل*, دادگاه, شکایت قانونی, شکایت رسمی, اقدام قانونی, دادسرا, تعزیرات, سازمان حمایت, پیگیری قضایی, پیگرد
        محام*, محامي, محكمة, المحكمة, دعوى, سأقاضي*, مقاضاة, اجراء قانوني, إجراءات قانونية, حماية المستهلك, بلاغ رسمي, شكوى رسمية
        anwalt, anwältin, rechtsanwalt, klage einreichen, verklage*, vor gericht, rechtliche schritte, verbraucherzentrale, verbraucherschutz
        avocat, avocate, tribunal, porter plainte, plainte, action en justice, poursuites, procès, dgccrf, mise en demeure
        abogado*, abogada*, demanda judicial, demandar, los voy a demandar, juzgado, tribunales, acciones legales, denuncia, denunciar, profeco, consumo
        avvocato, avvocati, tribunale, denuncia, denuncerò, vie legali, azione legale, querela, associazione consumatori
        advogado, advogada, processar vocês, processo judicial, tribunal, procon, ação judicial, medidas legais
        avukat*, mahkeme*, dava aç*, dava edece*, tüketici hakem, hakem heyeti*, yasal işlem, suç duyurusu, savcılı*
        advocaat, rechtszaak, rechtbank, aanklagen, juridische stappen, consumentenbond
        адвокат*, юрист*, в суд, суде, судебн*, исков*, роспотребнадзор*, прокуратур*, защит* прав потребител*
        वकील, अदालत, कोर्ट, मुकदमा, कानूनी कार्रवाई, उपभोक्ता फोरम, उपभोक्ता अदालत
    """,
    Flag.DISCRIMINATION: """
        racist*, racism, racially, discriminat*, sexist*, sexism, homophob*, transphob*, islamophob*, antisemit*, because i am black,
        because of my skin, because of my accent, because of my religion, because of my disability, because i'm gay, refused my wheelchair, ableist
        rasis*, dyskrymin*, seksis*, homofob*, ksenofob*, antysemi*
        ρατσισ*, διακρίσεις, διάκριση, σεξισ*, σεξιστ*, ομοφοβ*, ξενοφοβ*
        نژادپرست*, تبعیض*, توهین به قومیت, جنسیت زد*
        عنصري*, عنصرية, تمييز عنصري, تمييز ضد, تحيز ضد
        rassis*, diskrimin*, sexis*, homophob*, fremdenfeindlich, ausländerfeindlich
        raciste*, racisme, discrimin*, sexiste*, sexisme, homophobe*
        racista*, racismo, machista*, homófob*, xenófob*
        razzis*, sessis*, omofob*
        preconceito racial, homofóbic*
        ırkçı*, ayrımcılı*, cinsiyetçi*
        racistisch*, discrimineer*, seksistisch*, homofoob
        расис*, дискримин*, сексис*, гомофоб*
        नस्लभेद, भेदभाव, जातिवाद*
    """,
    Flag.PRIVACY: """
        data breach, data leak, leaked my, my personal data, my data was, gdpr, privacy violation, violation of privacy, someone else's order details,
        another customer's, shared my address, shared my number, account was hacked, account got hacked, account has been hacked, hacked my account
        wyciek danych, wyciekły, moje dane osobowe, rodo, dane innego klienta, cudze dane, włamanie na konto, włamał* się na
        διαρροή δεδομένων, διέρρευσαν, προσωπικά μου δεδομένα, προσωπικών δεδομένων, gdpr, στοιχεία άλλου πελάτη, χάκαραν τον λογαριασμό
        لو رفتن اطلاعات, اطلاعات شخصی*, نشت اطلاعات, اطلاعات مشتری دیگ*, حسابم هک شد*, هک شده, حریم خصوصی
        تسريب بيانات*, تسريب البيانات, بياناتي الشخصية, اختراق حسابي, تم اختراق, خصوصية, بيانات عميل آخر, بياناتي
        datenleck, datenpanne, meine daten, dsgvo, datenschutz*, fremde daten, konto gehackt, konto wurde gehackt
        fuite de données, mes données personnelles, rgpd, données d'un autre client, compte piraté, vie privée
        filtración de datos, mis datos personales, protección de datos, datos de otro cliente, hackearon mi cuenta, cuenta hackeada
        fuga di dati, miei dati personali, violazione della privacy, dati di un altro cliente, account hackerato
        vazamento de dados, meus dados pessoais, lgpd, dados de outro cliente, conta hackeada, conta invadida
        veri sızıntı*, kişisel veri*, kvkk, hesabım çalın*, hesabım hack*, başka müşteri*
        datalek, mijn persoonsgegevens, avg overtreding, gegevens van een andere klant, account gehackt
        утечк* данных, персональн* данн*, мои данные, взломали, чужие данные
        डेटा लीक, निजी जानकारी, अकाउंट हैक
    """,
    Flag.MONEY: """
        scam*, fraud*, stole my money, stolen money, charged twice, double charged, charged me twice, overcharged, unauthorized charge*,
        unauthorised charge*, unauthorized transaction*, took my money, taken from my account, money is gone, money was taken, debited twice,
        deducted twice, money deducted, kept my money, without my permission, rip off, ripped off, embezzl*
        oszust*, oszukali, oszukaliście, oszukany, oszukana, wyłudz*, ukradli, ukradliście, pobrano mi dwa razy, podwójnie pobran*, pobrali dwa razy, zniknęły pieniądze, bez mojej zgody
        απάτη, απατεώνες, έκλεψαν, κλέψατε, κλέβετε, χρεώσατε δύο φορές, διπλή χρέωση, χρεώθηκα δύο φορές, διπλοχρέωσ*, μου πήραν τα χρήματα, χωρίς την έγκρισή μου, χάθηκαν τα χρήματα
        کلاهبردار*, کلاه برداری, دزدی, دزد, دزدیدن*, دو بار کسر, دوبار کسر, پولم را خوردید, پولم رو خوردن, پول برداشت, کم شد از حسابم, برداشت غیرمجاز, بدون اجازه
        احتيال, نصب, نصابين, نصاب, سرقة, سرقتم, سرقوا, حرامية, خصم مرتين, خصمتم مرتين, خصم المبلغ مرتين, سحب من حسابي, بدون إذني, بدون علمي, أخذوا فلوسي
        betrug, betrüger*, abzocke, doppelt abgebucht, zweimal abgebucht, ohne meine zustimmung, geld gestohlen, geld ist weg, unberechtigt abgebucht
        arnaque*, arnaqueur*, escroc*, escroquerie, fraude*, volé mon argent, débité deux fois, prélevé deux fois, sans mon accord, sans autorisation, débitée deux fois
        estafa*, fraude*, me robaron, robo, ladrones, cobraron dos veces, cobrado dos veces, doble cobro, cargo no autorizado, sin mi autorización, sin mi consentimiento
        truffa*, truffator*, frode, rubato i soldi, addebitato due volte, doppio addebito, senza il mio consenso, addebito non autorizzato
        golpe, golpista*, fraude*, roubaram, cobrado duas vezes, cobraram duas vezes, cobrança dupla, sem minha autorização, cobrança indevida
        dolandır*, hırsızlı*, paramı çald*, iki kez çekil*, iki kere çekil*, izinsiz çekil*, iznim olmadan, hesabımdan çekil*
        oplichting, oplichters, opgelicht, fraude, dubbel afgeschreven, twee keer afgeschreven, zonder toestemming, geld gestolen
        мошенни*, обман*, украли, списали дважды, двойное списание, списали без, без моего согласия, развод на деньги
        धोखाधड़ी, धोखा, ठगी, ठग, दो बार कट, पैसे कट गए, पैसे काट लिए, चोरी
    """,
    Flag.PRESS: """
        journalist*, reporter, i'm with the press, for a story, press inquiry, press enquiry, i write for, news desk, going to the press, go to the media,
        the newspapers, tv station, investigative, member of parliament, councillor, mayor of
        dziennikark*, dziennikarz*, redakcj*, do mediów, w telewizji, piszę artykuł, poseł, posłank*, burmistrz
        δημοσιογράφο*, δημοσιογράφος, ρεπορτάζ, στα κανάλια, στα μέσα ενημέρωσης, βουλευτής, δήμαρχος, εφημερίδα
        خبرنگار*, روزنامه*, رسانه ای می*, صدا و سیما, نماینده مجلس, شهردار
        صحفي*, صحفية, الصحافة, وسائل الإعلام, مراسل, قناة تلفزيونية, عضو مجلس, تحقيق صحفي
        journalistin, presseanfrage, redaktion, an die presse, in die zeitung, bundestagsabgeordnet*, bürgermeister*
        journaliste*, la presse, rédaction, député*, maire de
        periodista*, la prensa, redacción, diputad*, alcalde*
        giornalista*, giornalisti, la stampa, redazione, onorevole, sindaco
        jornalista*, a imprensa, deputad*, vereador*, prefeito
        gazeteci*, basına, haber kanal*, milletvekili, belediye başkan*
        redactie, de pers, naar de media, kamerlid, burgemeester
        журналист*, редакци*, в сми, телеканал*, депутат*, мэр
        पत्रकार, मीडिया, अखबार, विधायक, सांसद
    """,
    Flag.SELF_HARM: """
        kill myself, killing myself, end my life, ending my life, suicide, suicidal, don't want to live, do not want to live, want to die, self harm,
        hurt myself on purpose, no reason to live, better off dead
        zabiję się, zabić się, samobój*, nie chcę żyć, nie chce mi się żyć, odebrać sobie życie, skończę ze sobą
        αυτοκτον*, να αυτοκτονήσω, δεν θέλω να ζω, δε θέλω να ζω, θα σκοτωθώ, να πεθάνω θέλω
        خودکشی, خودمو بکشم, خودم را بکشم, نمی خواهم زنده, نمیخوام زنده, دیگه نمیخوام زندگی
        انتحار, أنتحر, سأنتحر, أقتل نفسي, لا أريد أن أعيش, ما أبي أعيش, أنهي حياتي
        selbstmord, suizid*, mich umbringen, bringe mich um, nicht mehr leben
        me suicider, suicide, en finir avec la vie, me tuer, plus envie de vivre
        suicid*, matarme, quitarme la vida, no quiero vivir
        suicidio, suicidarmi, uccidermi, farla finita, non voglio più vivere
        suicídio, me matar, tirar minha vida, não quero mais viver
        intihar*, kendimi öldür*, yaşamak istemiyorum, canıma kıy*
        zelfmoord, suïcide, mezelf van kant, niet meer leven
        самоубийств*, суицид*, покончить с собой, убью себя, не хочу жить
        आत्महत्या, खुदकुशी, मरना चाहता, मरना चाहती, जीना नहीं चाहत
    """,
}

# Taken back by one of these a few words earlier in the same clause: "nobody was injured", "keine Verletzung".
NEGATIONS = """
    no, not, never, nobody, none, without, isn't, wasn't, weren't, aren't, don't, won't, didn't, neither
    nie, nikt, bez, żadn*, nigdy, δεν, δε, κανείς, κανένας, χωρίς, ποτέ, όχι, لا, لم, لن, ليس, بدون, ما, ولا, بی, هیچ, بدون
    nicht, kein*, niemand, ohne, nie, pas, aucun*, sans, jamais, personne, no, sin, nunca, nadie, ningún, non, nessun*, senza, mai
    não, sem, nunca, ninguém, niet, geen, niemand, zonder, не, нет, без, никто, никогда, kimse, hiç
"""
# ... or directly after, where the language says no at the end.
NEGATIONS_AFTER = "değil, yok, yoktu, olmadı, نیست, نبود, نشد, نشده, ندارد, ندارم, नहीं, न"

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
